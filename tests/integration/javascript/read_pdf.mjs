// Prints the text of PDF files as a JSON object on the last line: what a reader copies from the first page, by file.

import { readFile } from "node:fs/promises";

// pdf.js asks for the classes of a canvas when it is loaded; reading text needs none of them.
globalThis.DOMMatrix ??= class {};
globalThis.ImageData ??= class {};
globalThis.Path2D ??= class {};
const { getDocument } = await import("pdfjs-dist/legacy/build/pdf.mjs");

const texts = {};
for (const file of process.argv.slice(2)) {
  const data = new Uint8Array(await readFile(file));
  const task = getDocument({ data, verbosity: 0 });
  const page = await (await task.promise).getPage(1);
  const { items } = await page.getTextContent();
  texts[file] = items.map((item) => item.str + (item.hasEOL ? "\n" : "")).join("");
  await task.destroy();
}
console.log(JSON.stringify(texts));
