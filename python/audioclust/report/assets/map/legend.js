// What the colours of the map mean.

/** Marks that the legend shows, at most. */
const MOST_ENTRIES = 12;

/** Put a legend into an element. It returns {show(colors)}. */
function createLegend(root) {
  function show({title, scale, entries}) {
    root.replaceChildren(element("span", {class: "muted"}, title),
      ...(scale ? scaleLegend(scale) : entriesLegend(entries)));
  }

  return {show};
}

function entriesLegend(entries) {
  const shown = entries.slice(0, MOST_ENTRIES).map(({mark, name}) =>
    element("span", {class: "map-entry"}, glyphOf(mark), element("bdi", {}, name)));
  const more = entries.length - MOST_ENTRIES;
  return more > 0 ? [...shown, element("span", {class: "map-entry"}, `and ${more} more`)] : shown;
}

function scaleLegend({low, high, under, over, unit, names, more, less, colors, unknown}) {
  const size = {width: 2 * colors.length, height: 12, class: "map-scale", "aria-hidden": "true", focusable: "false"};
  const steps = colors.map((rgb, i) => markSvg("rect", {x: 2 * i, width: 2, height: 12, fill: cssOf(rgb)}));
  const parts = [
    element("span", {}, less || valueText(low, unit, names) + (under ? " or less" : "")),
    markSvg("svg", size, ...steps),
    element("span", {}, more || valueText(high, unit, names) + (over ? " or more" : "")),
  ];
  if (unknown) {
    const none = {color: "var(--mark-none)", shape: "cross"};
    parts.push(element("span", {class: "map-entry"}, glyphOf(none), "not known"));
  }
  return [element("span", {class: "map-range"}, ...parts)];
}
