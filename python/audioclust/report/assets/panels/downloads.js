// Files that are made of the basket.

/**
 * How a playlist names an item. A page that is a file knows where it lies, so the playlist plays
 * wherever the browser puts it. Elsewhere it is the path from the page's folder: as it is if all
 * players read it alike, percent-encoded if they do not.
 */
function playlistLine(data, item, base) {
  const link = linkTo(data, item);
  if (link === null) return plainLine(data.path(item));
  if (base.startsWith("file:")) return new URL(link, base).href;
  return fromHere(decodedLink(link), link);
}

/** A path whose folder the page does not know. */
function plainLine(path) {
  return fromHere(path, path.split("/").map(encodeURIComponent).join("/"));
}

/** A path from a folder as players take it: as it is, or else encoded, and never an address or a comment. */
function fromHere(plain, encoded) {
  const alike = plain !== null && plain === plain.trim() && !/[%?#[\]\\\p{C}]/u.test(plain);
  const line = alike ? plain : encoded;
  return line.startsWith("../") || line.startsWith("/") ? line : `./${line}`;
}

/** A link as the path it stands for, or null if that is not UTF-8. */
function decodedLink(link) {
  try {
    return decodeURIComponent(link);
  } catch {
    return null;
  }
}

/**
 * The path that opens an item's file. The page does not hold it, but a page that is a file knows
 * where it lies, and its links lead on from there. Elsewhere it is the path from the page's
 * folder. What no line of text can hold is given as a percent-encoded address. Without links it
 * is the shown path, which begins with the folder that all sounds share.
 */
function openPath(data, item, base) {
  const link = linkTo(data, item);
  if (link === null) return data.path(item);
  const url = base.startsWith("file:") ? new URL(link, base) : null;
  const path = decodedLink(url ? url.pathname : link);
  if (path === null || /[\p{Cc}\u2028\u2029]/u.test(path)) return url ? url.href : link;
  if (!url) return path;
  // Windows: a drive, or a folder of another machine.
  if (/^\/[A-Za-z]:\//.test(path)) return path.slice(1).replaceAll("/", "\\");
  return url.host ? `//${url.host}${path}`.replaceAll("/", "\\") : path;
}

/** What one must know of the paths that openPath() gives, in a sentence, or nothing. */
function aboutPaths(data, base) {
  const {folders, inMemory} = data.sounds;
  if (inMemory) return "";
  if (folders.some((folder) => folder.url === null)) return "This page does not know where the sounds lie, so paths begin with the folder that all of them share.";
  return base.startsWith("file:") ? "" : "Paths start from the folder of this page.";
}

/**
 * Items as a playlist in extended M3U. The format knows whole files only; of the lines that VLC
 * understands beside it, two say where a part begins and ends.
 */
function playlistText(data, items, base) {
  const lines = items.flatMap((item) => {
    const seconds = data.duration[item];
    const options = hasParts(data)
      ? [`#EXTVLCOPT:start-time=${decimal(data.start[item])}`, `#EXTVLCOPT:stop-time=${decimal(data.start[item] + seconds)}`] : [];
    return [`#EXTINF:${Number.isFinite(seconds) ? Math.round(seconds) : -1},${itemTitle(data, item)}`, ...options, playlistLine(data, item, base)];
  });
  return ["#EXTM3U", ...lines, ""].join("\n");
}

/** A number with the digits that the page knows of it; nothing if it is not known. */
function decimal(value) {
  return Number.isFinite(value) ? String(Number(value.toPrecision(7))) : "";
}

/** Items as CSV: text in quotation marks, and none of it a formula to a spreadsheet. */
function csvText(data, items, base) {
  const text = (value) => `"${(/^[=+\-@\t\r\n＝＋－＠]/.test(value) ? `'${value}` : value).replaceAll('"', '""')}"`;
  const lines = items.map((item) => [
    text(openPath(data, item, base)), decimal(data.start[item]), decimal(data.start[item] + data.duration[item]),
    data.cluster[item], text(ownName(data, data.cluster[item])),
  ].join(","));
  return ['"path","start","end","label","name"', ...lines, ""].join("\r\n");
}

/** The name that somebody gave a group; nothing if it has only its number. */
function ownName(data, number) {
  const name = data.groupOf.get(number)?.name ?? "";
  return number < 0 || name === String(number) ? "" : name;
}

/** Items as paths, one on a line. */
function pathsText(data, items, base) {
  return [...items.map((item) => openPath(data, item, base)), ""].join("\n");
}

/** Let the browser save text as a file. */
function download(name, type, text) {
  const address = URL.createObjectURL(new Blob([text], {type}));
  const link = element("a", {href: address, download: name});
  document.body.append(link);
  link.click();
  link.remove();
  // The browser reads it after the click; an address that lives on holds the text in memory.
  setTimeout(() => URL.revokeObjectURL(address), 60000);
}
