/** Formats of JSON Schema, with the verdicts of the server. */

export {};
