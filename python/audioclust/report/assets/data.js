"use strict";
// What the page holds, unpacked.

const TYPES = {
  u1: Uint8Array, u2: Uint16Array, u4: Uint32Array,
  i1: Int8Array, i2: Int16Array, i4: Int32Array, f4: Float32Array,
};

/** The bytes of text in base64. */
function bytesOf(base64) {
  if (Uint8Array.fromBase64) return Uint8Array.fromBase64(base64);
  const text = atob(base64);
  const bytes = new Uint8Array(text.length);
  for (let i = 0; i < text.length; i++) bytes[i] = text.charCodeAt(i);
  return bytes;
}

/** A packed column as a typed array; one with a scale as floats, NaN where not known. */
function unpacked(column) {
  const codes = new TYPES[column.type](bytesOf(column.data).buffer);
  if (column.scale === undefined) return codes;
  return Float32Array.from(codes, (code) =>
    code === column.nan ? NaN : column.offset + column.scale * code);
}

/**
 * All that the page knows.
 *
 * n: number of items. Arrays with a value for each item: names (text), cluster, start and
 * duration (seconds), folder (place in sounds.folders), x and y (or null without a map),
 * order (all items as they are played). neighborsOf(item) gives items, nearest first.
 * features: {name, words, unit, values}. groups: {number, name, words, representatives,
 * items}. kind, title, headline, warnings, errors, palette, sounds, views as they were written.
 */
function readData() {
  const data = JSON.parse(document.getElementById("data").textContent);
  const columns = data.columns;
  const n = data.names.length;
  data.n = n;
  for (const name of ["cluster", "start", "duration", "folder"]) data[name] = unpacked(columns[name]);
  data.x = columns.x ? unpacked(columns.x) : null;
  data.y = columns.y ? unpacked(columns.y) : null;
  data.order = columns.order ? unpacked(columns.order) : Uint32Array.from({length: n}, (_, i) => i);
  const neighbors = columns.neighbors ? unpacked(columns.neighbors) : new Uint32Array(0);
  const width = n ? neighbors.length / n : 0;
  data.neighborsOf = (item) =>
    Array.from(neighbors.subarray(item * width, (item + 1) * width), (code) => code - 1)
      .filter((other) => other >= 0);
  for (const feature of data.features) feature.values = unpacked(feature);
  data.groupOf = new Map(data.groups.map((group) => [group.number, group]));
  for (const group of data.groups) group.items = [];
  for (const item of data.order) data.groupOf.get(data.cluster[item])?.items.push(item);
  data.folderName = (item) => data.sounds.folders[data.folder[item]]?.name ?? "";
  data.path = (item) => {
    const folder = data.folderName(item);
    return folder ? `${folder}/${data.names[item]}` : data.names[item];
  };
  return data;
}
