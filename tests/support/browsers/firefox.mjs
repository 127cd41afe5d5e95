// Drives Firefox by WebDriver BiDi: reads one JSON command per line, and prints one JSON answer per line.
import { createInterface } from 'node:readline';
import puppeteer from 'puppeteer-core';

const browser = await puppeteer.launch({ browser: 'firefox', executablePath: process.argv[2], headless: true });
const other = await browser.newPage();
const tabs = [];

const commands = {
	version: () => browser.version(),
	newTab: async () => tabs.push(await browser.newPage()) - 1,
	goto: async (page, url) => void (await page.goto(url)),
	evaluate: (page, expression) => page.evaluate(expression),
	hide: () => other.bringToFront(),
	show: (page) => page.bringToFront(),
	setOffline: (page, offline) => page.setOfflineMode(offline),
	close: (page) => page.close(),
};

for await (const line of createInterface({ input: process.stdin })) {
	const [name, tab, argument] = JSON.parse(line);
	try {
		console.log(JSON.stringify({ value: (await commands[name](tabs[tab], argument)) ?? null }));
	} catch (error) {
		console.log(JSON.stringify({ error: String(error) }));
	}
}
await browser.close();
