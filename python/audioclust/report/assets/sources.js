// Where the sounds are: in files beside the page, in the page itself, or on a server.

/**
 * Finds the sounds of items.
 *
 * absence(item) says in words why an item cannot be heard here, or nothing if it can.
 * heard(item) gives {url, from, to, clip}: an address, and from where to where in it the item is,
 * in seconds; clip is true if that is only a part of the item. It gives {why} if there is no
 * sound, and {later: true} if the page has not yet arrived that far.
 * failure(item, error) says in words why an address could not be played.
 */
function createSources(data) {
  const {mode, clips, missing, unplayable, inMemory} = data.sounds;

  const embedding = '--report-audio embed (in Python, audio="embed")';

  function absence(item) {
    const name = data.names[item];
    if (clips[item] || mode === "serve") return "";
    if (mode === "none") return "This page was written without sounds.";
    if (inMemory) return "The sounds were in memory when this page was made, so it has none to play.";
    if (mode === "link") return "";
    if (missing[item]) return `${name} has no sound here: it could not be read again (${missing[item]}).`;
    return `This page holds only the most typical sounds of each group, and ${name} is not one of them. Written with ${embedding}, it holds all.`;
  }

  function heard(item) {
    const why = absence(item);
    if (why) return {why};
    if (clips[item]) return held(item);
    const end = data.start[item] + data.duration[item];
    const part = {from: data.start[item], to: Number.isNaN(end) ? Infinity : end, clip: false};
    if (mode === "serve") return {url: `sound/${item}`, ...part};
    return {url: linkTo(data, item), ...part};
  }

  /** A clip in the page. Clips stand at its end, so that what is seen need not wait for them. */
  function held(item) {
    const {seconds} = clips[item];
    const holder = document.getElementById(`clip-${item}`);
    if (holder) return {url: holder.textContent, from: 0, to: seconds, clip: seconds < data.duration[item] - 0.05};
    if (document.readyState === "loading") return {later: true};
    return {why: `The end of this page is missing, and with it ${data.names[item]}.`};
  }

  function failure(item, error) {
    const name = data.names[item];
    // Firefox takes it for an error of the file if there is nothing to play it with.
    if (/MediaSink/i.test(error?.message)) return "Your browser finds no loudspeaker or headphones to play with.";
    if (clips[item]) return `Your browser cannot decode the clip of ${name}.`;
    if (mode === "serve") return `${name} does not come from audioclust serve: the file is gone, or the server was stopped.`;
    const gone = `The file ${data.path(item)} is not where it was when this page was made. Put the page back where it was written, or write it again with ${embedding}.`;
    const loaded = whatFailed(error);
    if (loaded === "nothing") return gone;
    const suffix = /\.[^.]*$/.exec(name)?.[0].toLowerCase();
    const format = unplayable[suffix];
    const help = `Write the page with ${embedding}, or use audioclust serve.`;
    if (format) return `Your browser does not play ${format}, which ${name} is. ${help}`;
    if (loaded === "something") return `Your browser cannot decode ${name}: it is damaged, or of a kind that browsers do not play. ${help}`;
    return `${name} cannot be played: the file is not where it was when this page was made, or your browser cannot decode it. ${help}`;
  }

  return {absence, heard, failure};
}

/**
 * Whether a browser got "something" of a file that it cannot play, or "nothing", or "unknown".
 *
 * A page is told no more than a text for developers. Chromium calls it a format error if there is
 * nothing to open, and names its demuxer or says nothing if what it opened is of no use. Firefox
 * says that the request failed, or names its decoder or the decoder's error.
 */
function whatFailed(error) {
  const text = error?.message ?? "";
  if (error?.code === MediaError.MEDIA_ERR_DECODE) return "something";
  if (error?.code === MediaError.MEDIA_ERR_NETWORK) return "nothing";
  if (/MEDIA_ELEMENT_ERROR: Format error|request failed|not found/i.test(text)) return "nothing";
  if (/DEMUXER|DECODER|PIPELINE|NS_ERROR_DOM_MEDIA/i.test(text)) return "something";
  return text === "" && /Chrome\//.test(navigator.userAgent) ? "something" : "unknown";
}
