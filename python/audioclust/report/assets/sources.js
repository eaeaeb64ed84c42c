// Where the sounds are: in files beside the page, in the page itself, or on a server.

/**
 * Finds the sounds of items.
 *
 * heard(item) gives {url, from, to, clip}: an address, and from where to where in it the item is,
 * in seconds; clip is true if that is only a part of the item. It gives {why} if there is no
 * sound, and {later: true} if the page has not yet arrived that far.
 * failure(item, error) says in words why an address could not be played.
 */
function createSources(data) {
  const {mode, folders, files, clips, missing} = data.sounds;

  function heard(item) {
    const from = data.start[item];
    const to = from + data.duration[item];
    if (mode === "serve") return {url: `sound/${item}`, from, to, clip: false};
    if (clips[item]) return held(item);
    if (mode !== "link") return {why: absence(item)};
    const folder = folders[data.folder[item]];
    if (!folder || folder.url === null) return {why: absence(item)};
    return {url: folder.url + (files[item] ?? encodeURIComponent(data.names[item])), from, to, clip: false};
  }

  /** A clip in the page. Clips stand at its end, so that what is seen need not wait for them. */
  function held(item) {
    const {seconds} = clips[item];
    const holder = document.getElementById(`clip-${item}`);
    if (!holder) return document.readyState === "loading" ? {later: true} : {why: `The end of this page is missing, and with it ${data.names[item]}.`};
    return {url: holder.textContent, from: 0, to: seconds, clip: seconds < data.duration[item] - 0.05};
  }

  function absence(item) {
    const name = data.names[item];
    if (mode === "none") return "This page was written without sounds.";
    if (missing[item]) return `${name} has no sound here: it could not be read again (${missing[item]}).`;
    if (data.sounds.inMemory) return "The sounds were in memory when this page was made, so it has none to play.";
    return `This page holds only the most typical sounds of each group, and ${name} is not one of them. Written with audio="embed", it holds all.`;
  }

  function failure(item, error) {
    const name = data.names[item];
    if (clips[item]) return `Your browser cannot decode the clip of ${name}.`;
    if (mode === "serve") return `${name} does not come from audioclust serve: the file is gone, or the server was stopped.`;
    const gone = `The file ${data.path(item)} is not where it was when this page was made: keep the page beside the sounds.`;
    const loaded = whatFailed(error);
    if (loaded === "nothing") return gone;
    const suffix = /\.[^.]*$/.exec(name)?.[0].toLowerCase();
    const format = data.sounds.unplayable[suffix];
    const help = 'Write the page with audio="embed", or use audioclust serve.';
    if (format) return `Your browser does not play ${format}, which ${name} is. ${help}`;
    if (loaded === "something") return `Your browser cannot decode ${name}: it is damaged, or of a kind that browsers do not play. ${help}`;
    return `${name} cannot be played: the file is not where it was when this page was made, or your browser cannot decode it. ${help}`;
  }

  return {heard, failure};
}

/**
 * Whether a browser got "something" of a file that it cannot play, or "nothing", or "unknown".
 *
 * Pages of files are told no more than this text. Chromium calls it a format error if there is
 * nothing to open, and names its demuxer or says nothing if what it opened is of no use. Firefox
 * names the decoder's error, or what became of the request.
 */
function whatFailed(error) {
  const text = error?.message ?? "";
  if (error?.code === MediaError.MEDIA_ERR_DECODE) return "something";
  if (error?.code === MediaError.MEDIA_ERR_NETWORK) return "nothing";
  if (/MEDIA_ELEMENT_ERROR: Format error|not found|404|failed to open/i.test(text)) return "nothing";
  if (/DEMUXER|DECODER|PIPELINE|NS_ERROR_DOM_MEDIA|no decoder|cannot play/i.test(text)) return "something";
  return text === "" && /Chrome\//.test(navigator.userAgent) ? "something" : "unknown";
}
