// One sound at a time: a part of a file from its beginning to its end, without clicks.

const FADE_MS = 30;
const SLACK = 0.05; // A part that ends so near the end of its file, in seconds, ends with it.

/**
 * Plays parts of sounds with an audio element, {url, from, to} each, in seconds.
 *
 * tell.ended(), tell.failed(error), tell.refused() and tell.changed() are called when a part has
 * come to its end, cannot be played, may not be played before the reader clicks, and when the
 * sound starts, stops, or is known better.
 */
function createVoice(audio, tell) {
  let part = null; // What is played, or was played last.
  let loaded = null; // The address that the element has.
  let turn = 0; // Counts what was asked for: what comes late for an earlier wish is ignored.
  let current = 0; // The turn of what the element plays now, while a later one fades it out.
  let timer = 0;
  let gain = 1;
  let volume = 1;

  function setGain(value) {
    gain = value;
    audio.volume = volume * gain;
  }

  /** Fade out, within so many milliseconds, what can be heard now. */
  function faded(milliseconds = FADE_MS) {
    if (audio.paused || audio.readyState < HTMLMediaElement.HAVE_CURRENT_DATA) return Promise.resolve();
    const [began, first] = [performance.now(), gain];
    return new Promise((resolve) => {
      const step = () => {
        const left = first - (performance.now() - began) / milliseconds;
        setGain(Math.max(0, left));
        if (left > 0) setTimeout(step, 4);
        else resolve();
      };
      step();
    });
  }

  async function start(next) {
    const mine = ++turn;
    clearTimeout(timer);
    await faded();
    if (mine !== turn) return;
    audio.pause();
    part = next;
    if (loaded !== next.url) audio.src = loaded = next.url;
    audio.currentTime = next.from;
    await sound(mine);
  }

  async function sound(mine) {
    current = mine;
    setGain(1);
    try {
      await audio.play();
    } catch (why) {
      // What cannot be loaded is told by an error event. What was interrupted by another wish
      // (AbortError) is over.
      if (mine === turn && why.name === "NotAllowedError") tell.refused();
    }
  }

  /** Go on, or begin again after the end. */
  async function resume() {
    if (!part) return;
    if (loaded !== part.url || left() <= 0 || audio.ended) await start(part);
    else await sound(++turn);
  }

  async function pause() {
    const mine = ++turn;
    clearTimeout(timer);
    await faded();
    if (mine === turn) audio.pause();
  }

  /** Seconds until the end of the part. */
  function left() {
    return part ? end() - audio.currentTime : 0;
  }

  function end() {
    return Number.isFinite(audio.duration) ? Math.min(part.to, audio.duration) : part.to;
  }

  /** Stop at the end of the part, which the element knows nothing of; or look again later. */
  function watch() {
    clearTimeout(timer);
    if (current !== turn || audio.paused || audio.seeking) return;
    if (audio.duration - part.to < SLACK) return; // The element ends by itself.
    const milliseconds = left() * 1000;
    if (milliseconds > FADE_MS) {
      timer = setTimeout(watch, Math.min(milliseconds - FADE_MS, 1000));
      return;
    }
    const mine = ++turn;
    faded(Math.max(1, milliseconds)).then(() => {
      if (mine === turn) finish();
    });
  }

  function finish() {
    turn++;
    clearTimeout(timer);
    audio.pause();
    tell.ended();
  }

  for (const name of ["playing", "seeked", "timeupdate"]) audio.addEventListener(name, watch);
  for (const name of ["playing", "pause", "durationchange", "seeked"]) audio.addEventListener(name, () => tell.changed());
  audio.addEventListener("ended", () => {
    if (current === turn) finish();
  });
  audio.addEventListener("error", () => {
    loaded = null;
    if (current !== turn) return;
    turn++;
    clearTimeout(timer);
    audio.pause();
    tell.failed(audio.error);
  });

  return {
    start, resume, pause, left,
    /** Go to so many seconds after the beginning of the part. */
    seek(seconds) {
      if (part) audio.currentTime = Math.min(part.from + Math.max(0, seconds), end());
    },
    /** Seconds since the beginning of the part, and its length; Infinity if not known. */
    at: () => (part ? Math.max(0, audio.currentTime - part.from) : 0),
    length: () => (part ? end() - part.from : 0),
    sounds: () => !audio.paused,
    setVolume(value) {
      volume = value;
      setGain(gain);
    },
  };
}
