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
class Voice {
  #audio;
  #tell;
  #part = null; // What is played, or was played last.
  #loaded = null; // The address that the element has.
  #turn = 0; // Counts what was asked for: what comes late for an earlier wish is ignored.
  #current = 0; // The turn of what the element plays now, while a later one fades it out.
  #timer = 0;
  #fade = 0; // The timer of what is faded out: one that goes on would silence a later sound.
  #gain = 1;
  #volume = 1;

  constructor(audio, tell) {
    this.#audio = audio;
    this.#tell = tell;
    for (const name of ["playing", "seeked", "timeupdate"]) audio.addEventListener(name, () => this.#watch());
    for (const name of ["playing", "pause", "durationchange", "seeked"]) audio.addEventListener(name, () => tell.changed());
    audio.addEventListener("ended", () => {
      if (this.#current === this.#turn) this.#finish();
    });
    audio.addEventListener("error", () => this.#fail());
  }

  /** Play a part from its beginning. What sounds is faded out before. */
  async start(next) {
    const mine = this.#wish();
    await this.#faded();
    if (mine !== this.#turn) return;
    this.#audio.pause();
    this.#part = next;
    if (this.#loaded !== next.url) this.#audio.src = this.#loaded = next.url;
    this.#audio.currentTime = next.from;
    await this.#sound(mine);
  }

  /** Go on, or begin again after the end. */
  async resume() {
    const part = this.#part;
    if (!part) return;
    if (this.#loaded !== part.url || this.left() <= 0 || this.#audio.ended) await this.start(part);
    else await this.#sound(this.#wish());
  }

  async pause() {
    const mine = this.#wish();
    await this.#faded();
    if (mine === this.#turn) this.#audio.pause();
  }

  /** Go to so many seconds after the beginning of the part. */
  seek(seconds) {
    const part = this.#part;
    if (part) this.#audio.currentTime = Math.min(part.from + Math.max(0, seconds), this.#end());
  }

  /** Seconds since the beginning of the part. */
  at() {
    return this.#part ? Math.max(0, this.#audio.currentTime - this.#part.from) : 0;
  }

  /** Seconds until the end of the part. */
  left() {
    return this.#part ? this.#end() - this.#audio.currentTime : 0;
  }

  /** How long the part is, in seconds; Infinity if that is not known. */
  length() {
    return this.#part ? this.#end() - this.#part.from : 0;
  }

  sounds() {
    return !this.#audio.paused;
  }

  setVolume(volume) {
    this.#volume = volume;
    this.#setGain(this.#gain);
  }

  #setGain(gain) {
    this.#gain = gain;
    this.#audio.volume = this.#volume * gain;
  }

  /** Something else is wanted from now on; gives the number of this wish. */
  #wish() {
    clearTimeout(this.#timer);
    clearTimeout(this.#fade);
    return ++this.#turn;
  }

  /**
   * Fade out, within so many milliseconds, what can be heard now. Another wish ends this, and
   * who waits for it then waits for ever.
   */
  #faded(milliseconds = FADE_MS) {
    const audio = this.#audio;
    if (audio.paused || audio.readyState < HTMLMediaElement.HAVE_CURRENT_DATA) return Promise.resolve();
    const [began, first] = [performance.now(), this.#gain];
    return new Promise((resolve) => {
      const step = () => {
        const left = first - (performance.now() - began) / milliseconds;
        this.#setGain(Math.max(0, left));
        if (left > 0) this.#fade = setTimeout(step, 4);
        else resolve();
      };
      step();
    });
  }

  async #sound(mine) {
    this.#current = mine;
    this.#setGain(1);
    try {
      await this.#audio.play();
    } catch (why) {
      // What cannot be loaded is told by an error event. What was interrupted by another wish
      // (AbortError) is over.
      if (mine === this.#turn && why.name === "NotAllowedError") this.#tell.refused();
    }
  }

  #end() {
    const {duration} = this.#audio;
    return Number.isFinite(duration) ? Math.min(this.#part.to, duration) : this.#part.to;
  }

  /** Stop at the end of the part, which the element knows nothing of; or look again later. */
  #watch() {
    clearTimeout(this.#timer);
    const audio = this.#audio;
    if (this.#current !== this.#turn || audio.paused || audio.seeking) return;
    if (audio.duration - this.#part.to < SLACK) return; // The element ends by itself.
    const milliseconds = this.left() * 1000;
    if (milliseconds > FADE_MS) {
      this.#timer = setTimeout(() => this.#watch(), Math.min(milliseconds - FADE_MS, 1000));
      return;
    }
    const mine = this.#wish();
    this.#faded(Math.max(1, milliseconds)).then(() => {
      if (mine === this.#turn) this.#finish();
    });
  }

  #finish() {
    this.#wish();
    this.#audio.pause();
    this.#tell.ended();
  }

  #fail() {
    this.#loaded = null;
    if (this.#current !== this.#turn) return;
    this.#wish();
    this.#audio.pause();
    this.#tell.failed(this.#audio.error);
  }
}
