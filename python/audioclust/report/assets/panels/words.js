// Words, numbers and signs that all panels use.

/** What items and groups are called, by the kind of the page. */
const KIND_WORDS = {
  clustering: {item: "sound", items: "sounds", group: "group", groups: "groups"},
  map: {item: "sound", items: "sounds", group: "unit", groups: "units"},
  segmentation: {item: "span", items: "spans", group: "label", groups: "labels"},
  onsets: {item: "hit", items: "hits", group: "group", groups: "groups"},
};

/** The words of this page. */
function wordsOf(data) {
  return KIND_WORDS[data.kind] ?? KIND_WORDS.clustering;
}

/** A number with its noun: "1 sound", "1,204 sounds". */
function counted(n, one, many) {
  return `${n.toLocaleString("en")} ${n === 1 ? one : many}`;
}

/** Text with a capital at its beginning. */
function capital(text) {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

/** A length of time: "0.35 s", "12.5 s", "2 min 05 s", "1 h 30 min". */
function lengthText(seconds) {
  if (!Number.isFinite(seconds)) return "not known";
  if (seconds < 9.995) return `${seconds.toFixed(2)} s`;
  if (seconds < 59.95) return `${seconds.toFixed(1)} s`;
  const two = (n) => String(n).padStart(2, "0");
  const whole = Math.round(seconds);
  if (whole < 3600) return `${Math.floor(whole / 60)} min ${two(whole % 60)} s`;
  const minutes = Math.round(seconds / 60);
  return `${Math.floor(minutes / 60).toLocaleString("en")} h ${two(minutes % 60)} min`;
}

/** A place in a recording: "0:01.25", "1:02:03.00". */
function placeText(seconds) {
  const hundredths = Math.round(seconds * 100);
  const two = (n) => String(n).padStart(2, "0");
  const [minutes, rest] = [Math.floor(hundredths / 6000), hundredths % 6000];
  const clock = `${two(Math.floor(rest / 100))}.${two(rest % 100)}`;
  return minutes < 60 ? `${minutes}:${clock}` : `${Math.floor(minutes / 60)}:${two(minutes % 60)}:${clock}`;
}

/** Whether some items are parts of recordings, which have one name together, as spans are. */
function hasParts(data) {
  return hasParts.known ??= data.kind === "segmentation" || data.start.some((seconds) => seconds > 0);
}

/** Whether all items are parts of one recording. */
function isOneRecording(data) {
  return isOneRecording.known ??= hasParts(data) && data.sounds.folders.length === 1 && new Set(data.names).size === 1;
}

/** What an item is called in lists: its name, or where it begins if it is a part, or both. */
function itemTitle(data, item) {
  if (!hasParts(data)) return data.names[item];
  const place = placeText(data.start[item]);
  return isOneRecording(data) ? place : `${place} · ${data.names[item]}`;
}

/** The length of some items together; those whose length is not known do not count. */
function totalLength(data, items) {
  return items.reduce((sum, item) => {
    const seconds = data.duration[item];
    return Number.isFinite(seconds) ? sum + seconds : sum;
  }, 0);
}

/**
 * A value with three digits that count, and its unit; a dash if it is not defined. Where numbers
 * stand for names, as those of keys do, it is the name. Per cents are whole.
 */
function valueText(value, unit, names) {
  if (!Number.isFinite(value)) return "–";
  if (names) return names[Math.round(value)];
  const isWhole = Math.abs(value) >= 100 || Number.isInteger(value) || unit === "%";
  const text = value.toLocaleString("en", isWhole
    ? {maximumFractionDigits: 0} : {minimumSignificantDigits: 3, maximumSignificantDigits: 3});
  return `${text.replace("-", "−")}${unit ? ` ${unit}` : ""}`;
}

/** What its rank in a column says of a sound, before the per cent: "louder than". */
function rankWords(feature) {
  return `${feature.more} than${/ (changes|varies) /.test(feature.more) ? " in" : ""}`;
}

/** A value of a column in words: "2,350 Hz", or "louder than 83 %" where values are ranks. */
function featureText(feature, value) {
  const text = valueText(value, feature.unit, feature.names);
  return feature.more && Number.isFinite(value) ? `${rankWords(feature)} ${text}` : text;
}

/** What a column of numbers is called. */
function featureTitle(feature) {
  return (feature.words || feature.name).replaceAll("_", " ");
}

/** Text as it is searched and sorted: without capitals and accents. */
function folded(text) {
  return text.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase();
}

const PANEL_ICONS = {
  play: "M4 2.5v11l9-5.5z",
  stop: "M3.5 3.5h9v9h-9z",
  add: "M8 3v10M3 8h10",
  remove: "M4 4l8 8M12 4l-8 8",
  up: "M8 13V3.5M4 7.5l4-4 4 4",
  down: "M8 3v9.5M4 8.5l4 4 4-4",
};

/** A small drawing on a button, which has its name beside it or in aria-label. */
function icon(name) {
  const filled = name === "play" || name === "stop";
  return svgElement("svg", {
    viewBox: "0 0 16 16", width: 16, height: 16, "aria-hidden": "true", focusable: "false",
    fill: filled ? "currentColor" : "none", stroke: filled ? "none" : "currentColor",
    "stroke-width": 1.75, "stroke-linecap": "round", "stroke-linejoin": "round",
  }, svgElement("path", {d: PANEL_ICONS[name]}));
}

/** A button that plays many, which its words say; `label` is its whole name. */
function playAllButton(label, onclick, more = {}) {
  return element("button", {
    type: "button", class: "play-all", "aria-label": label, title: label, onclick, ...more,
  }, icon("play"), "Play all");
}

/** A square button with a drawing; `label` is its name and its tooltip. */
function iconButton(name, label, onclick, more = {}) {
  return element("button", {
    type: "button", class: "square quiet", "aria-label": label, title: label, onclick, ...more,
  }, icon(name));
}
