// The orders of the table.

/** Text whose order is that of its numbers too: "kick 2" comes before "kick 10". */
function sortable(text) {
  return folded(text).replace(/\d+/g, (digits) => digits.padStart(12, "0"));
}

/**
 * All items in the order of a column: "name", "start", "end", "group", "duration", "folder" or
 * "feature:NAME".
 * Equal items stay in the order of the page, and what is not defined comes last either way.
 */
function sorted(data, column, down) {
  const keys = keysOf(data, column);
  const sign = down ? -1 : 1;
  const compare = typeof keys[0] === "string"
    ? (a, b) => (keys[a] < keys[b] ? -sign : keys[a] > keys[b] ? sign : a - b)
    : (a, b) => {
        const known = Number.isFinite(keys[a]);
        if (known !== Number.isFinite(keys[b])) return known ? -1 : 1;
        return (known && sign * (keys[a] - keys[b])) || a - b;
      };
  return Uint32Array.from({length: data.n}, (_, item) => item).sort(compare);
}

/** What a column is sorted by. Names and groups are worked out once. */
function keysOf(data, column) {
  if (column !== "name" && column !== "group") return sortKeys(data, column);
  keysOf.known ??= {};
  return keysOf.known[column] ??= sortKeys(data, column);
}

/** What a column is sorted by: an array with text or a number for each item. */
function sortKeys(data, column) {
  if (column === "name") return data.names.map(sortable);
  if (column === "duration" || column === "start") return data[column];
  if (column === "end") return data.start.map((start, item) => start + data.duration[item]);
  if (column === "folder") {
    const folders = data.sounds.folders.map((folder) => sortable(folder.name));
    return Array.from(data.folder, (folder) => folders[folder] ?? "");
  }
  if (column === "group") {
    // Group by group, and in each as they are played: neighbours sound alike.
    const keys = new Float64Array(data.n).fill(NaN);
    let place = 0;
    for (const group of data.groups) for (const item of group.items) keys[item] = place++;
    return keys;
  }
  return data.features.find((feature) => `feature:${feature.name}` === column)?.values ?? new Float32Array(data.n);
}
