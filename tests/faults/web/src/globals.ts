/** Globals of a browser that the client uses and Node lacks. Import this module first. */
Object.assign(globalThis, {
	document: { hidden: false },
	location: { origin: 'http://127.0.0.1' },
	addEventListener: () => undefined,
	reportError: (error: unknown) => console.error(error),
});

export {};
