// How groups look: a colour and a shape each, on light and on dark pages.

const SHAPES = ["disc", "square", "triangle", "diamond"];
const NO_GROUP = "#808080";

/** The least contrast of a mark with what is behind it (WCAG 2.2, what is not text). */
const LEAST_CONTRAST = 3;

/** Outlines of the shapes that are no discs, of about the area of a disc of radius 1. */
const OUTLINES = {
  square: [[-0.89, -0.89], [0.89, -0.89], [0.89, 0.89], [-0.89, 0.89]],
  triangle: [[0, -1.45], [1.26, 0.73], [-1.26, 0.73]],
  diamond: [[0, -1.28], [1.28, 0], [0, 1.28], [-1.28, 0]],
  cross: [
    [0, -0.48], [0.67, -1.15], [1.15, -0.67], [0.48, 0], [1.15, 0.67], [0.67, 1.15],
    [0, 0.48], [-0.67, 1.15], [-1.15, 0.67], [-0.48, 0], [-1.15, -0.67], [-0.67, -1.15],
  ],
};

/**
 * The mark of a group: its shape, and its colour as CSS, which follows the theme.
 * `paint` is the place of its colour in the palette, or -1.
 */
function markOf(data, number) {
  // Units are told apart by where they are: of so many, marks would only be confusing.
  return markOfNumber(data, data.kind === "map" && number >= 0 ? 0 : number);
}

/** The mark that a number has, whatever it counts. */
function markOfNumber(data, number) {
  if (number < 0) return {paint: -1, color: "var(--mark-none)", shape: "cross"};
  const n = data.palette.length;
  const paint = number % n;
  // Groups with one colour have different shapes, and neighbours in the palette too.
  const shape = SHAPES[(number + Math.floor(number / n)) % SHAPES.length];
  return {paint, color: `var(--mark-${paint})`, shape};
}

/** A small picture of a mark, for lists. */
function glyphOf(mark) {
  const fill = {fill: mark.color};
  const drawn = mark.shape === "disc"
    ? svgElement("circle", {r: 5, ...fill})
    : svgElement("path", {d: `M${OUTLINES[mark.shape].map(([x, y]) => `${5 * x} ${5 * y}`).join("L")}Z`, ...fill});
  const size = {width: 16, height: 16, viewBox: "-8 -8 16 16"};
  return svgElement("svg", {...size, class: "mark-glyph", "aria-hidden": "true", focusable: "false"}, drawn);
}

/** A small picture of the mark of a group, for lists. */
function glyph(data, number) {
  return glyphOf(markOf(data, number));
}

/**
 * Red, green and blue (0 to 255) of a colour in CSS; grey if the text is none. A canvas says how
 * it understood the text. Its pixels are not read: browsers that hide who uses them change those.
 */
function rgbOf(css) {
  const context = rgbOf.context ??= new OffscreenCanvas(1, 1).getContext("2d");
  context.fillStyle = NO_GROUP;
  context.fillStyle = css;
  const understood = context.fillStyle; // "#0072b2", or "rgba(0, 114, 178, 0.5)".
  return understood.startsWith("#")
    ? [1, 3, 5].map((at) => parseInt(understood.slice(at, at + 2), 16))
    : understood.match(/[\d.]+/g).slice(0, 3).map(Number);
}

/** A colour as CSS. */
function cssOf([red, green, blue]) {
  return `rgb(${red} ${green} ${blue})`;
}

/** Relative luminance by WCAG 2.2. */
function luminanceOf(rgb) {
  const [red, green, blue] = rgb.map((part) => {
    const share = part / 255;
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

/** Contrast of two colours by WCAG 2.2: 1 to 21. */
function contrastOf(one, other) {
  const [dark, light] = [luminanceOf(one), luminanceOf(other)].sort((a, b) => a - b);
  return (light + 0.05) / (dark + 0.05);
}

/** A colour, and another one by a share of 0 to 1. */
function mixed(one, other, share) {
  return one.map((part, i) => Math.round(part + share * (other[i] - part)));
}

/**
 * A colour that stands out from a surface: itself, or as little darker or lighter as is needed.
 * Greys turn over instead, so that black stays the strongest on dark, where it is white.
 */
function standingOut(rgb, surface) {
  if (contrastOf(rgb, surface) >= LEAST_CONTRAST) return rgb;
  const onLight = luminanceOf(surface) > 0.18;
  if (Math.max(...rgb) - Math.min(...rgb) < 16) rgb = rgb.map((part) => 255 - part);
  const end = onLight ? [0, 0, 0] : [255, 255, 255];
  for (let share = 0; share < 1; share += 0.01) {
    const one = mixed(rgb, end, share);
    if (contrastOf(one, surface) >= LEAST_CONTRAST) return one;
  }
  return end;
}

/** What the page's theme has for a custom property, or what stands in for it, as a colour. */
function themeColor(name, light, dark) {
  const value = getComputedStyle(document.documentElement).getPropertyValue(name).trim();
  return rgbOf(value || (matchMedia("(prefers-color-scheme: dark)").matches ? dark : light));
}

/** What marks are drawn on. */
function surfaceColor() {
  return themeColor("--surface", "#ffffff", "#16181c");
}

/** The colours of the palette on a surface, and at -1 that of what is in no group. */
function paintsOn(data, surface) {
  const paints = data.palette.map((color) => standingOut(rgbOf(color), surface));
  paints[-1] = standingOut(rgbOf(NO_GROUP), surface);
  return paints;
}

/** Set the colours of marks for the theme: --mark-0, --mark-1, ..., --mark-none. */
function setMarkColors(data) {
  const paints = paintsOn(data, surfaceColor());
  const style = document.documentElement.style;
  paints.forEach((rgb, i) => style.setProperty(`--mark-${i}`, cssOf(rgb)));
  style.setProperty("--mark-none", cssOf(paints[-1]));
}

/** Call a function whenever the theme may have changed, by the system or by the page's switch. */
function onTheme(listener) {
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", listener);
  new MutationObserver(listener).observe(document.documentElement, {attributeFilter: ["data-theme"]});
}
