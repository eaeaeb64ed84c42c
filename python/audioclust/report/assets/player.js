// Sounds are played here, and only here.

const POINTING_MS = 60; // The pointer rests so long on an item before that is played.
const LEAVING_MS = 250; // So long after the pointer has left, what it played stops,
const RINGS_OUT = 2; // unless its end is so near, in seconds.
const FAILURES = 3; // So many in a row that cannot be played end a queue.

const NOTHING = {items: [], place: 0, name: "", runs: false, pointed: false};

/**
 * The player: play(item), playAll(items, name), toggle(), stop(), next(), previous(), and
 * position(), which gives {item, seconds}: where in its recording the sound is, or null. It sets
 * playing, queue, volume and message, and obeys volume and hoverPlays.
 */
function createPlayer(data, store, root) {
  const audio = new Audio();
  const player = new Player(data, store, audio);
  const {voice} = player;
  const controls = {
    play: (item) => player.play(item),
    playAll: (items, name) => player.playAll(items, name),
    toggle: () => player.toggle(),
    stop: () => player.stop(),
    next: () => player.next(),
    previous: () => player.previous(),
    position: () => player.position(),
  };
  player.bar = createPlayerBar(data, store, root, controls, voice);
  root.append(audio);
  keepVolume(store, voice);
  playPointedAt(store, (item) => player.play(item, true), () => player.leave());
  obeyMediaKeys(controls, voice, () => store.state.playing >= 0);
  createMessages(store, document.getElementById("message"));
  return controls;
}

/** What is played, and what comes next. */
class Player {
  #data;
  #store;
  #sources;
  #list = NOTHING; // Items, the place of the one that is played, and whether the next follow.
  #clip = false; // Whether only a part of it is in the page.
  #failures = 0;
  #asked = 0;
  bar = null;

  constructor(data, store, audio) {
    this.#data = data;
    this.#store = store;
    this.#sources = createSources(data);
    this.voice = new Voice(audio, {
      ended: () => this.#ended(),
      failed: (error) => this.#failed(error),
      refused: () => this.#refused(),
      changed: () => this.#show(),
    });
  }

  /** The item that is played or was played last, or -1. */
  get item() {
    return this.#list.items[this.#list.place] ?? -1;
  }

  get #playing() {
    return this.#store.state.playing >= 0;
  }

  /** Play one item. The others of its cluster come before and after it. */
  play(item, pointed = false) {
    // Only what can be heard here: "Next" must not stop at what the page does not hold.
    const items = (this.#data.groupOf.get(this.#data.cluster[item])?.items ?? []).filter((one) => !this.#sources.absence(one));
    const place = items.indexOf(item);
    this.#failures = 0;
    this.#go({...NOTHING, ...(place < 0 ? {items: [item]} : {items, place}), pointed});
  }

  /** Play items one after the other. */
  playAll(items, name = "") {
    const all = Array.from(items);
    const heard = all.filter((item) => !this.#sources.absence(item));
    this.#failures = 0;
    if (heard.length === 0) {
      this.#say(all.length ? this.#sources.absence(all[0]) : "There is nothing to play.");
      return;
    }
    if (heard.length < all.length) this.#say(`${heard.length} of ${all.length} sounds are in this page and are played.`);
    this.#go({...NOTHING, items: heard, name, runs: true});
  }

  toggle() {
    if (this.#playing) {
      this.voice.pause();
      this.#store.set({playing: -1});
    } else if (this.item >= 0) {
      this.#store.set({playing: this.item});
      this.voice.resume();
    } else if (this.#store.state.selected >= 0) {
      this.play(this.#store.state.selected);
    }
    this.#show();
  }

  stop() {
    this.voice.pause();
    this.#rest();
  }

  /** Stop what plays because it was pointed at. */
  leave() {
    if (this.#list.pointed && this.#playing && this.voice.left() > RINGS_OUT) this.stop();
  }

  next() {
    if (this.item >= 0 && !this.#step(1)) this.stop();
  }

  /** Begin again, or if that was just done, go to the one before. */
  previous() {
    if (this.#list.place > 0 && this.voice.at() < 2) this.#step(-1);
    else if (this.item >= 0) this.#go({...this.#list, pointed: false});
  }

  position() {
    if (!this.#playing) return null;
    const {item} = this;
    const from = this.#data.sounds.clips[item]?.from ?? this.#data.start[item];
    return {item, seconds: from + this.voice.at()};
  }

  /** Play what a list is at; false if that has no sound. */
  #go(next) {
    const item = next.items[next.place];
    const mine = ++this.#asked;
    const found = this.#sources.heard(item);
    if (found.why) {
      if (!next.pointed) this.#say(found.why);
      return false;
    }
    if (found.later) {
      const again = () => mine === this.#asked && this.#go(next);
      document.addEventListener("DOMContentLoaded", again, {once: true});
      return true;
    }
    this.#list = next;
    this.#clip = found.clip;
    this.#store.set({playing: item, queue: next.runs ? next.items.slice(next.place + 1) : []});
    this.voice.start(found);
    this.#show();
    return true;
  }

  /** Play what comes next, or before; false if there is nothing. */
  #step(by) {
    const list = this.#list;
    const place = list.place + by;
    return place >= 0 && place < list.items.length && this.#go({...list, place, pointed: false});
  }

  #ended() {
    this.#failures = 0;
    if (!this.#list.runs || !this.#step(1)) this.#rest();
  }

  #failed(error) {
    this.#say(this.#sources.failure(this.item, error));
    this.#failures++;
    if (!this.#list.runs || this.#failures >= FAILURES || !this.#step(1)) this.#rest();
  }

  #refused() {
    this.#say("Your browser plays nothing before the first click: click anywhere.");
    this.#rest();
  }

  /** Nothing sounds any more, and nothing will by itself. */
  #rest() {
    this.#list = {...this.#list, runs: false};
    this.#store.set({playing: -1, queue: []});
    this.#show();
  }

  #say(message) {
    tell(this.#store, message);
  }

  #show() {
    const words = queueWords(this.#list);
    this.bar.show({item: this.item, words, clip: this.#clip, sounds: this.#playing});
    tellMediaKeys(this.voice, this.#playing);
  }
}

/** Where in a queue the player is, in words; nothing for one sound alone. */
function queueWords(list) {
  if (!list.name && !list.runs) return "";
  const place = `${list.place + 1} of ${list.items.length}`;
  return list.name ? `${list.name}: ${place}` : place;
}

/** Play what the pointer rests on, if that is switched on; leave() is called when it has left. */
function playPointedAt(store, play, leave) {
  let timer = 0;
  store.on(["hovered", "hoverPlays"], (state, changed) => {
    clearTimeout(timer);
    if (!state.hoverPlays && !changed.includes("hoverPlays")) return;
    if (!state.hoverPlays || state.hovered < 0) timer = setTimeout(leave, LEAVING_MS);
    else if (state.hovered !== state.playing) timer = setTimeout(() => play(state.hovered), POINTING_MS);
  });
}

/** Keep the volume from one visit to the next, where the browser lets a page keep anything. */
function keepVolume(store, voice) {
  const key = "audioclust.volume";
  store.on(["volume"], (state) => {
    voice.setVolume(state.volume);
    try {
      localStorage.setItem(key, String(state.volume));
    } catch {
      // It is not kept then.
    }
  });
  let kept = null;
  try {
    kept = localStorage.getItem(key);
  } catch {
    return;
  }
  const volume = kept === null ? NaN : Number(kept);
  if (volume >= 0 && volume <= 1) store.set({volume});
}

/** Let keyboards, headsets and lock screens control the player. */
function obeyMediaKeys(player, voice, isPlaying) {
  const session = navigator.mediaSession;
  if (!session) return;
  const actions = {
    play: () => isPlaying() || player.toggle(), pause: () => isPlaying() && player.toggle(), stop: player.stop,
    nexttrack: player.next, previoustrack: player.previous,
    seekto: (details) => voice.seek(details.seekTime),
  };
  for (const [name, action] of Object.entries(actions)) {
    try {
      session.setActionHandler(name, action);
    } catch {
      // This browser does not know this key.
    }
  }
}

/** Tell them where in its part the sound is: the file around it is none of their business. */
function tellMediaKeys(voice, isPlaying) {
  const session = navigator.mediaSession;
  if (!session) return;
  session.playbackState = isPlaying ? "playing" : "paused";
  const duration = voice.length();
  if (Number.isFinite(duration) && duration > 0) session.setPositionState({duration, position: Math.min(voice.at(), duration)});
  else session.setPositionState();
}
