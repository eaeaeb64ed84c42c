// What items are coloured by: their group, their folder, or a number.

/** Steps of the scale for numbers. */
const SCALE_STEPS = 64;

/** Folders that have a mark of their own; smaller ones share one. */
const MOST_FOLDERS = 24;

/**
 * What each item looks like, and what that means.
 *
 * marks: {rgb, shape} each. codes: the place of each item's mark in marks. title: what the
 * colours are. entries: {mark, name} of what is not a number, largest first if it is folders;
 * those of groups have their number. There are none if all items look alike.
 * scale: null, or {low, high, under, over, unit, names, more, less, colors, unknown} of a number: its
 * ends, whether there are values under and over them, what is at the ends in words if the values
 * are ranks, and whether it is unknown for some item.
 */
function colorsOf(data, state, surface = surfaceColor()) {
  if (state.color === "folder") return colorsOfFolders(data, surface);
  if (state.color === "duration") {
    return colorsOfNumbers({words: "length", unit: "s", values: data.duration}, surface);
  }
  const name = state.color.startsWith("feature:") ? state.color.slice("feature:".length) : null;
  const feature = data.features.find((one) => one.name === name);
  return feature ? colorsOfNumbers(feature, surface) : colorsOfGroups(data, surface);
}

/** Marks with the palette's colours on a surface. */
function painted(data, marks, surface) {
  const paints = paintsOn(data, surface);
  return marks.map((mark) => ({...mark, rgb: paints[mark.paint]}));
}

function colorsOfGroups(data, surface) {
  const codeOf = new Map(data.groups.map((group, code) => [group.number, code]));
  const codes = Uint16Array.from(data.cluster, (number) => codeOf.get(number) ?? data.groups.length);
  const marks = [...data.groups.map((group) => markOf(data, group.number)), markOf(data, -1)];
  const entries = data.kind === "map" || data.groups.length < 2 ? []
    : data.groups.map((group, code) => ({mark: marks[code], name: groupName(data, group.number), number: group.number}));
  return {title: capital(wordsOf(data).group), codes, marks: painted(data, marks, surface), entries, scale: null};
}

function colorsOfFolders(data, surface) {
  const counts = data.sounds.folders.map(() => 0);
  for (const folder of data.folder) counts[folder] += 1;
  const largest = counts.map((_, folder) => folder).sort((a, b) => counts[b] - counts[a] || a - b);
  const shown = largest.slice(0, MOST_FOLDERS);
  const codeOf = new Uint16Array(counts.length).fill(shown.length);
  shown.forEach((folder, code) => { codeOf[folder] = code; });
  const marks = [...shown.map((_, code) => markOfNumber(data, code)), markOfNumber(data, -1)];
  const entries = shown.map((folder, code) => ({
    mark: marks[code], name: data.sounds.folders[folder].name || "this folder",
  }));
  if (largest.length > shown.length) {
    entries.push({mark: marks[shown.length], name: `${largest.length - shown.length} smaller folders`});
  }
  const codes = Uint16Array.from(data.folder, (folder) => codeOf[folder]);
  return {title: "Folder", codes, marks: painted(data, marks, surface), entries, scale: null};
}

function colorsOfNumbers({words, name, unit, values, names, more, less}, surface) {
  const known = Float64Array.from(values).filter(Number.isFinite).sort();
  // A few far values would leave one colour to all others.
  const low = known[Math.floor(0.02 * (known.length - 1))] ?? 0;
  const high = known[Math.ceil(0.98 * (known.length - 1))] ?? 0;
  const codes = Uint16Array.from(values, (value) => {
    if (!Number.isFinite(value)) return SCALE_STEPS;
    const share = high > low ? Math.min(1, Math.max(0, (value - low) / (high - low))) : 0.5;
    return Math.round(share * (SCALE_STEPS - 1));
  });
  const colors = scaleOn(surface);
  const marks = colors.map((rgb) => ({rgb, shape: "disc"}));
  marks.push({rgb: standingOut(rgbOf(NO_GROUP), surface), shape: "cross"});
  const scale = {
    low, high, unit, names, more, less, colors, under: known[0] < low, over: known.at(-1) > high,
    unknown: known.length < values.length,
  };
  return {title: capital(words || name), codes, marks, entries: [], scale};
}

/**
 * A scale of colours on a surface, from what stands out least to what stands out most: even
 * steps of lightness in Oklab, while the hue turns from yellow by green and blue to violet.
 */
function scaleOn(surface) {
  const onLight = luminanceOf(surface) > 0.18;
  const [from, to] = onLight ? [[0.65, 110], [0.28, 300]] : [[0.58, 300], [0.93, 105]];
  return Array.from({length: SCALE_STEPS}, (_, i) => {
    const share = i / (SCALE_STEPS - 1);
    return standingOut(rgbOfOklch(from[0] + share * (to[0] - from[0]), 0.14, from[1] + share * (to[1] - from[1])), surface);
  });
}

/** A colour of Oklch (Ottosson 2020), with less chroma where a screen has not as much. */
function rgbOfOklch(lightness, chroma, hue) {
  const a = chroma * Math.cos(hue * Math.PI / 180);
  const b = chroma * Math.sin(hue * Math.PI / 180);
  const l = (lightness + 0.3963377774 * a + 0.2158037573 * b) ** 3;
  const m = (lightness - 0.1055613458 * a - 0.0638541728 * b) ** 3;
  const s = (lightness - 0.0894841775 * a - 1.291485548 * b) ** 3;
  const linear = [
    4.0767416621 * l - 3.3077115913 * m + 0.2309699292 * s,
    -1.2684380046 * l + 2.6097574011 * m - 0.3413193965 * s,
    -0.0041960863 * l - 0.7034186147 * m + 1.707614701 * s,
  ];
  const fits = linear.every((part) => part >= 0 && part <= 1);
  if (!fits && chroma > 0.001) return rgbOfOklch(lightness, 0.97 * chroma, hue);
  return linear.map((part) => {
    const share = Math.min(1, Math.max(0, part));
    return Math.round(255 * (share <= 0.0031308 ? 12.92 * share : 1.055 * share ** (1 / 2.4) - 0.055));
  });
}

/** What a group is called; a bare number gets a word, and a unit's place is said in words. */
function groupName(data, number) {
  const words = data.groupOf.get(number)?.words ?? "";
  if (data.kind === "map" && /^row \d+, column \d+$/.test(words)) return capital(words);
  const name = data.groupOf.get(number)?.name ?? (number < 0 ? "in no group" : String(number));
  return /^\d+$/.test(name) ? `${capital(wordsOf(data).group)} ${name}` : name;
}
