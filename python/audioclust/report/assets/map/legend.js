// What the colours of the map mean.

/** Marks that the legend shows, at most, until all are asked for; and in a narrow panel. */
const MOST_ENTRIES = 12;
const MOST_ENTRIES_NARROW = 6;

/** Put a legend into an element. It returns {show(colors)}; what stands for a group shows it alone. */
function createLegend(root, store) {
  let isOpen = false;
  let now = null;

  function show(colors) {
    now = colors;
    const {title, scale, entries} = colors;
    root.hidden = !scale && entries.length === 0;
    root.classList.toggle("is-open", isOpen && !scale);
    root.replaceChildren(element("span", {class: "muted"}, title),
      ...(scale ? scaleLegend(scale) : entriesLegend(entries)));
    mark();
  }

  function entriesLegend(entries) {
    const most = root.clientWidth < 560 ? MOST_ENTRIES_NARROW : MOST_ENTRIES;
    const shown = entries.slice(0, isOpen ? entries.length : most).map((entry) => legendEntry(entry, store));
    if (entries.length <= most) return shown;
    const more = element("button", {type: "button", class: "quiet map-entry map-more", "aria-expanded": String(isOpen), onclick: () => {
      isOpen = !isOpen;
      show(now);
      root.querySelector(".map-more").focus();
    }}, isOpen ? "Show fewer" : `and ${entries.length - most} more`);
    return [...shown, more];
  }

  /** Show which group is alone shown. */
  function mark() {
    for (const one of root.querySelectorAll("[data-group]")) {
      one.setAttribute("aria-pressed", String(one.dataset.group === String(store.state.group)));
    }
  }

  store.on(["group"], mark);
  return {show};
}

/** A mark and its name: a button if it stands for a group. */
function legendEntry({mark, name, number}, store) {
  const parts = [glyphOf(mark), element("bdi", {}, name)];
  if (number === undefined) return element("span", {class: "map-entry"}, ...parts);
  return element("button", {
    type: "button", class: "quiet map-entry", "data-group": number, title: `Show ${name} alone, or all again`,
    onclick: () => store.set({group: store.state.group === number ? null : number}),
  }, ...parts);
}

function scaleLegend({low, high, under, over, unit, names, more, less, colors, unknown}) {
  const size = {width: 2 * colors.length, height: 12, class: "map-scale", "aria-hidden": "true", focusable: "false"};
  const steps = colors.map((rgb, i) => svgElement("rect", {x: 2 * i, width: 2, height: 12, fill: cssOf(rgb)}));
  const parts = [
    element("span", {}, less || valueText(low, unit, names) + (under ? " or less" : "")),
    svgElement("svg", size, ...steps),
    element("span", {}, more || valueText(high, unit, names) + (over ? " or more" : "")),
  ];
  if (unknown) {
    const none = {color: "var(--mark-none)", shape: "cross"};
    parts.push(element("span", {class: "map-entry"}, glyphOf(none), "not known"));
  }
  return [element("span", {class: "map-range"}, ...parts)];
}
