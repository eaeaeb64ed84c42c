"use strict";
// What the page holds, unpacked. What a page may never need is unpacked when it is asked for.

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

/**
 * A packed column as a typed array; one with a scale as floats, NaN where not known. A column
 * of n equal values is written as that value, null for NaN.
 */
function unpacked(column, n = 0) {
  if (column.same !== undefined) {
    const kind = Number.isInteger(column.same) ? Int32Array : Float32Array;
    return new kind(n).fill(column.same ?? NaN);
  }
  const codes = new TYPES[column.type](bytesOf(column.data).buffer);
  if (column.scale === undefined) return codes;
  const {offset, scale, nan} = column;
  const values = new Float32Array(codes.length);
  for (let i = 0; i < codes.length; i++) values[i] = codes[i] === nan ? NaN : offset + scale * codes[i];
  return values;
}

/** Give an object a property that is worked out when it is first read. */
function later(object, name, give) {
  Object.defineProperty(object, name, {
    configurable: true,
    enumerable: true,
    get() {
      const value = give();
      Object.defineProperty(object, name, {value, enumerable: true});
      return value;
    },
  });
}

/**
 * All that the page knows.
 *
 * n: number of items. Arrays with a value for each item: names (text), cluster, start and
 * duration (seconds; NaN where it is not known), folder (place in sounds.folders), x and y (or
 * null without a map), order (all items as they are played). neighborsOf(item) gives items,
 * nearest first. features: {name, words, unit, names, more, less, values}, where names, if there,
 * is what whole values stand for, and values with more and less in words are ranks in per cent.
 * groups: {number, name, words, representatives, items}. groupOf: the groups by their numbers.
 * path(item) and folderName(item) are text. kind, title, headline, warnings, errors, palette,
 * sounds, views as they were written.
 */
function readData() {
  const data = JSON.parse(document.getElementById("data").textContent);
  const columns = data.columns;
  const n = data.names.length;
  data.n = n;
  for (const name of ["cluster", "start", "duration", "folder"]) {
    later(data, name, () => unpacked(columns[name], n));
  }
  for (const name of ["x", "y"]) {
    if (columns[name]) later(data, name, () => unpacked(columns[name]));
    else data[name] = null;
  }
  later(data, "order", () =>
    columns.order ? unpacked(columns.order) : Uint32Array.from({length: n}, (_, i) => i));
  for (const feature of data.features) {
    const packed = {...feature};
    later(feature, "values", () => unpacked(packed));
    delete feature.data;
  }
  addNeighbors(data, columns.neighbors);
  addGroups(data);
  addPaths(data);
  return data;
}

/** Add neighborsOf(). */
function addNeighbors(data, column) {
  let codes = null;
  data.neighborsOf = (item) => {
    if (!column || data.n === 0) return [];
    codes ??= unpacked(column);
    const width = codes.length / data.n;
    // A code is one more than an item; 0 is none.
    return Array.from(codes.subarray(item * width, (item + 1) * width), (code) => code - 1)
      .filter((other) => other >= 0);
  };
}

/** Add groupOf, and to each group its items in the order in which they are played. */
function addGroups(data) {
  data.groupOf = new Map(data.groups.map((group) => [group.number, group]));
  let members = null;
  const gathered = () => {
    const {order, cluster} = data;
    const found = new Map(data.groups.map((group) => [group.number, []]));
    let number = null;
    let list = null;
    for (let i = 0; i < order.length; i++) {
      const item = order[i];
      if (cluster[item] !== number) { // Items of a cluster follow each other.
        number = cluster[item];
        list = found.get(number);
      }
      list?.push(item);
    }
    return found;
  };
  for (const group of data.groups) {
    later(group, "items", () => (members ??= gathered()).get(group.number));
  }
}

/** Add folderName() and path(). */
function addPaths(data) {
  data.folderName = (item) => data.sounds.folders[data.folder[item]]?.name ?? "";
  data.path = (item) => {
    const folder = data.folderName(item);
    return folder ? `${folder}/${data.names[item]}` : data.names[item];
  };
}

/** Where an item's sound lies, as a percent-encoded link from the page, or null. */
function linkTo(data, item) {
  const folder = data.sounds.folders[data.folder[item]];
  if (!folder || folder.url === null) return null;
  return folder.url + (data.sounds.files[item] ?? encodeURIComponent(data.names[item]));
}
