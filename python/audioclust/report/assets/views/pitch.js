// The pitch classes of clusters: how often each is the strongest, and when.

const BARS = {width: 264, height: 120, bottom: 20, top: 4};

/** Bars of each cluster's pitch classes, and the chromagram of its most typical sound. */
function createPitch(data, store, player, view) {
  const section = viewSection("pitch", "Pitch classes");
  section.append(
    element("p", {class: "views-hint muted"},
      "Bars: how often each pitch class is the strongest, on average. Below, a chromagram: the " +
      "pitch classes of the most typical sound over time, C at the bottom; yellow is the strongest."),
    element("div", {class: "views-pitches"}, ...view.clusters.map((one) => pitchOf(data, store, player, view, one))));
  return section;
}

/** One cluster. */
function pitchOf(data, store, player, view, one) {
  const name = data.groupOf.get(one.number)?.name ?? String(one.number);
  const play = element("button", {type: "button", class: "quiet one-line", onclick: () => {
    store.set({selected: one.item});
    player.play(one.item);
  }}, `▶ ${data.names[one.item]}`);
  return element("figure", {class: "views-pitch-of"},
    element("figcaption", {}, glyph(data, one.number), element("span", {class: "views-name"}, name)),
    pitchBars(view, one, name),
    one.picture ? element("img", {class: "views-chroma", src: one.picture, alt: `Chromagram of ${data.names[one.item]}`}) : null,
    play);
}

/** Twelve bars with the names of the notes. */
function pitchBars(view, one, name) {
  const most = Math.max(1e-9, ...one.shares);
  const step = BARS.width / 12;
  const bottom = BARS.height - BARS.bottom;
  const strongest = one.shares.indexOf(most);
  const parts = one.shares.flatMap((share, i) => {
    const height = (share / most) * (bottom - BARS.top);
    return [
      svgElement("rect", {class: i === strongest ? "views-bar views-strongest" : "views-bar", "data-share": share,
        x: (i * step + 2).toFixed(1), y: (bottom - height).toFixed(1), width: (step - 4).toFixed(1), height: height.toFixed(1)}),
      svgElement("text", {x: ((i + 0.5) * step).toFixed(1), y: BARS.height - 6, "text-anchor": "middle"}, view.notes[i]),
    ];
  });
  const words = one.shares.map((share, i) => [share, view.notes[i]]).sort((a, b) => b[0] - a[0]).slice(0, 3)
    .map(([share, note]) => `${note} ${Math.round(100 * share)} %`).join(", ");
  return svgElement("svg", {viewBox: `0 0 ${BARS.width} ${BARS.height}`, role: "img",
    "aria-label": `Pitch classes of ${name}: ${words}`}, ...parts);
}
