// The page of "certbeam preview --serve". It reads the state of the template and draws it again after each save.

const FORMATS = [
  { name: "SVG", path: "/certificate.svg" },
  { name: "PNG", path: "/certificate.png" },
  { name: "PDF", path: "/certificate.pdf" },
];
const VARIABLE = /(\$\{[^{}]*\}|\{\{[^{}]*\}\})/;

const byId = (id) => document.getElementById(id);
let state = null;
let drawing = new AbortController();

function element(tag, properties = {}, ...children) {
  const made = Object.assign(document.createElement(tag), properties);
  made.append(...children);
  return made;
}

function count(number, noun) {
  return `${number} ${noun}${number === 1 ? "" : "s"}`;
}

function summarise(findings) {
  const errors = findings.filter((finding) => finding.severity === "error").length;
  const warnings = findings.length - errors;
  const parts = [];
  if (errors) parts.push(count(errors, "error"));
  if (warnings) parts.push(count(warnings, "warning"));
  return parts.join(", ") || "no findings";
}

// A text that is equal to the last one is not read out again, so the region is emptied first.
function announce(text) {
  byId("announcement").textContent = "";
  setTimeout(() => { byId("announcement").textContent = text; }, 100);
}

// Read the state and show it. Return false if it is the one that is shown already, or an older one.
async function load() {
  const response = await fetch("/state");
  const loaded = await response.json();
  if (state && loaded.version <= state.version) return false;
  const isFirst = state === null;
  state = loaded;
  if (isFirst) showScenarios();
  showHeader();
  showFindings();
  showLines();
  await draw();
  return true;
}

function showHeader() {
  const summary = summarise(state.findings);
  byId("name").textContent = state.name.split(/[\\/]/).pop();
  byId("name").title = state.name;
  byId("saved").textContent = `${state.saved} – ${summary}`;
  document.title = `${byId("name").textContent} – ${summary} – certbeam preview`;
}

function showScenarios() {
  const groups = new Map();
  for (const { key, title, group } of state.scenarios) {
    if (!groups.has(group)) groups.set(group, element("optgroup", { label: group }));
    groups.get(group).append(element("option", { value: key, textContent: title }));
  }
  byId("scenario").replaceChildren(...groups.values());
  byId("scenario").value = state.scenario;
}

function showFindings() {
  byId("no-findings").hidden = state.findings.length > 0;
  byId("finding-list").replaceChildren(...state.findings.map((finding) => element("li", {}, describe(finding, true))));
}

function describe(finding, hasLink) {
  const described = element("p", { className: `finding ${finding.severity}` });
  described.append(element("strong", { textContent: finding.severity === "error" ? "Error" : "Warning" }), " ");
  if (hasLink && finding.line) described.append(lineLink(finding.line), " ");
  described.append(finding.message, " ", element("code", { textContent: finding.code }));
  return described;
}

function lineLink(number) {
  const link = element("a", { href: `#line-${number}`, textContent: `Line ${number}` });
  link.addEventListener("click", (event) => {
    event.preventDefault();
    goToLine(number);
  });
  return link;
}

function goToLine(number) {
  const line = byId(`line-${number}`);
  if (!line) return;
  line.focus({ preventScroll: true });
  line.scrollIntoView({ block: "center" });
}

function showLines() {
  const list = element("ol");
  let last = 0;
  for (const [number, text, omitted] of state.lines) {
    if (number !== last + 1) {
      list.append(element("li", { className: "gap" }, `Lines ${last + 1} to ${number - 1} are not shown`));
    }
    last = number;
    const line = element("li", { id: `line-${number}`, value: number, tabIndex: -1 }, highlight(text));
    if (omitted) line.append(element("em", { textContent: ` … ${omitted.toLocaleString("en")} more characters` }));
    for (const finding of state.findings.filter((one) => one.line === number)) {
      line.classList.add(finding.severity);
      line.append(describe(finding, false));
    }
    list.append(line);
  }
  byId("lines").replaceChildren(list);
}

// Variables in the source are marked.
function highlight(text) {
  const code = element("code");
  text.split(VARIABLE).forEach((part, index) => {
    if (part) code.append(index % 2 ? element("mark", { textContent: part }) : part);
  });
  return code;
}

async function draw() {
  drawing.abort();
  drawing = new AbortController();
  const { signal } = drawing;
  byId("pictures").classList.toggle("portrait", state.width < state.height);
  byId("pictures").setAttribute("aria-busy", "true");
  const problems = await Promise.all(FORMATS.map((format) => drawFormat(format, signal)));
  if (!signal.aborted) byId("pictures").setAttribute("aria-busy", "false");
  return problems.find((problem) => problem) ?? "";
}

// Show one format. Return the message of the error that prevents it, or an empty text.
async function drawFormat(format, signal) {
  const query = new URLSearchParams({ scenario: byId("scenario").value, version: state.version });
  const isFrame = format.name === "PDF" && navigator.pdfViewerEnabled;
  const picturePath = format.name === "PDF" && !isFrame ? "/certificate-pdf.png" : format.path;
  const url = `${picturePath}?${query}`;
  const [paper, size, link] = ["paper", "size", "link"].map((part) => byId(`${format.name}-${part}`));
  link.href = `${format.path}?${query}`;
  try {
    const response = await fetch(url, { signal });
    const body = await response.blob();
    if (signal.aborted) return "";
    if (!response.ok) {
      const finding = JSON.parse(await body.text());
      size.textContent = "";
      link.hidden = true;
      paper.replaceChildren(describe(finding, true));
      return finding.message;
    }
    size.textContent = picturePath === format.path ? `${Math.ceil(body.size / 1000).toLocaleString("en")} KB` : "";
    link.hidden = false;
    paper.replaceChildren(isFrame ? makeFrame(url) : await makeImage(format, url));
    return "";
  } catch (error) {
    if (signal.aborted) return "";
    const message = "certbeam does not answer: look at its terminal";
    paper.replaceChildren(element("p", { textContent: message }));
    return message;
  }
}

function scenarioTitle() {
  return byId("scenario").selectedOptions[0].textContent;
}

async function makeImage(format, url) {
  const image = element("img", { src: url, alt: `Certificate as ${format.name}, ${scenarioTitle()}` });
  setSize(image);
  await image.decode().catch(() => {});
  return image;
}

// A new frame adds nothing to the history of the browser, unlike a new address of the old one.
function makeFrame(url) {
  const frame = element("iframe", { title: `Certificate as PDF, ${scenarioTitle()}` });
  frame.src = `${url}#toolbar=0&navpanes=0&view=Fit`;
  setSize(frame);
  return frame;
}

function setSize(picture) {
  picture.style.setProperty("--page-width", `${state.width}px`);
  picture.style.aspectRatio = `${state.width} / ${state.height}`;
}

function addPictures() {
  for (const { name } of FORMATS) {
    const picture = byId("picture-template").content.cloneNode(true);
    const [title, size, link, paper] = ["h3", ".size", "a", ".paper"].map((part) => picture.querySelector(part));
    title.textContent = name;
    size.id = `${name}-size`;
    link.id = `${name}-link`;
    link.textContent = `Open ${name}`;
    paper.id = `${name}-paper`;
    paper.setAttribute("aria-label", `Certificate as ${name}`);
    byId("pictures").append(picture);
  }
}

async function loadAndAnnounce() {
  if (await load()) announce(`Template reloaded, ${count(state.findings.length, "finding")}`);
}

function followVersions() {
  const events = new EventSource("/events");
  let isConnected = true;
  events.addEventListener("version", loadAndAnnounce);
  events.addEventListener("open", () => {
    isConnected = true;
    showHeader();
  });
  events.addEventListener("error", () => {
    if (!isConnected) return; // the browser tries again every few seconds
    isConnected = false;
    byId("saved").textContent = "Not connected: start certbeam preview again";
    announce(byId("saved").textContent);
  });
}

addPictures();
byId("scenario").addEventListener("change", async () => {
  const problem = await draw();
  announce(problem ? `Error: ${problem}` : `Sample shown: ${scenarioTitle()}`);
});
for (const choice of document.getElementsByName("zoom")) {
  choice.addEventListener("change", () => {
    byId("main").dataset.zoom = choice.value;
    // Only a picture in its full size can be scrolled, so only then the keyboard needs to reach its area.
    for (const { name } of FORMATS) byId(`${name}-paper`).tabIndex = choice.value === "full" ? 0 : -1;
  });
}
byId("reload").addEventListener("click", () => fetch("/reload", { method: "POST" }));
await load();
followVersions();
