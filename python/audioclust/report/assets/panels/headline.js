// What there is, in sentences, and what went wrong.

const MOST_PROBLEMS = 1000;

/** Fill the headline: sentences with the numbers, and a list of what could not be used. */
function createHeadline(data) {
  const root = document.getElementById("headline");
  for (const line of data.headline) root.append(element("p", {}, line));
  for (const line of data.warnings) root.append(element("p", {class: "muted"}, line));
  if (data.headline.length + data.warnings.length + data.errors.length > 1) root.append(moreButton(data, root));
  if (data.errors.length === 0) return;
  const list = element("ul", {class: "problems"});
  for (const error of data.errors.slice(0, MOST_PROBLEMS)) {
    list.append(element("li", {}, element("b", {}, error.path), `: ${error.message}`));
  }
  const left = data.errors.length - MOST_PROBLEMS;
  if (left > 0) list.append(element("li", {}, `and ${counted(left, "other", "others")}`));
  // The headline has said how many.
  const box = element("details", {class: "problems-box"}, element("summary", {}, "Which could not be used?"), list);
  root.append(box);
  // On paper nothing can be opened.
  const paper = matchMedia("print");
  let wasOpen = false;
  paper.addEventListener("change", () => {
    if (paper.matches) wasOpen = box.open;
    box.open = paper.matches || wasOpen;
  });
}

/** A button that small pages have: they show the first sentence only, until it is pressed. */
function moreButton(data, root) {
  const button = element("button", {
    type: "button", class: "quiet headline-more", "aria-expanded": "false", onclick: () => {
      const isOpen = root.classList.toggle("is-open");
      button.setAttribute("aria-expanded", String(isOpen));
      button.textContent = isOpen ? "Less" : "More";
    },
  }, "More");
  return button;
}
