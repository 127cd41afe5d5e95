/* eslint-disable */
// Prettier uses this file for the folder that contains it: it formats only files with a comment that generated code lacks.
export default { requirePragma: true };
