// What there is, in sentences, and what went wrong.

const MOST_PROBLEMS = 1000;

/** Fill the headline: sentences, and a list of what could not be read and of warnings. */
function createHeadline(data) {
  const root = document.getElementById("headline");
  for (const line of data.headline) root.append(element("p", {}, line));
  const n = data.errors.length + data.warnings.length;
  if (n > 0 || data.headline.length > 1) root.append(moreButton(data, root));
  if (n === 0) return;
  const list = element("ul", {class: "problems"});
  for (const line of data.warnings) list.append(element("li", {}, line));
  for (const error of data.errors.slice(0, MOST_PROBLEMS)) {
    list.append(element("li", {}, element("b", {}, error.path), `: ${error.message}`));
  }
  const left = data.errors.length - MOST_PROBLEMS;
  if (left > 0) list.append(element("li", {}, `and ${counted(left, "other", "others")}`));
  const box = element("details", {class: "problems-box"}, element("summary", {}, problemWords(data)), list);
  root.append(box);
  // On paper nothing can be opened.
  const paper = matchMedia("print");
  paper.addEventListener("change", () => { box.open = paper.matches; });
}

/** A button that small pages have: they show the first sentence only, until it is pressed. */
function moreButton(data, root) {
  const words = ["More", problemWords(data)].filter(Boolean).join(": ");
  const button = element("button", {
    type: "button", class: "quiet headline-more", "aria-expanded": "false", onclick: () => {
      const isOpen = root.classList.toggle("is-open");
      button.setAttribute("aria-expanded", String(isOpen));
      button.textContent = isOpen ? "Less" : words;
    },
  }, words);
  return button;
}

/** How much went wrong: "2 files could not be read, 1 warning". */
function problemWords(data) {
  const parts = [];
  if (data.errors.length) parts.push(`${counted(data.errors.length, "file", "files")} could not be used`);
  if (data.warnings.length) parts.push(counted(data.warnings.length, "warning", "warnings"));
  return parts.join(", ");
}
