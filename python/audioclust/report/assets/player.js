// Sounds are played here, and only here.

const POINTING_MS = 60; // The pointer rests so long on an item before that is played.
const LEAVING_MS = 250; // So long after the pointer has left, what it played stops,
const RINGS_OUT = 2; // unless its end is so near, in seconds.
const FAILURES = 3; // So many in a row that cannot be played end a queue.

/**
 * The player: play(item), playAll(items, name), toggle(), stop(), next(), previous(), and
 * position(), which gives {item, seconds}: where in its recording the sound is, or null. It sets
 * playing, queue, volume and message, and obeys volume and hoverPlays.
 */
function createPlayer(data, store, root) {
  const audio = new Audio();
  const sources = createSources(data);
  const nothing = {items: [], place: 0, name: "", runs: false, pointed: false};
  let list = nothing;
  let part = null;
  let failures = 0;
  let asked = 0;
  const voice = createVoice(audio, {ended, failed, refused, changed});
  const say = (message) => store.set({message});
  const item = () => list.items[list.place] ?? -1;

  /** Play one item. The others of its cluster come before and after it. */
  function play(wanted, pointed = false) {
    const items = data.groupOf.get(data.cluster[wanted])?.items ?? [wanted];
    const place = items.indexOf(wanted);
    failures = 0;
    go({...nothing, items: place < 0 ? [wanted] : items, place: Math.max(0, place), pointed});
  }

  /** Play items one after the other. */
  function playAll(items, name = "") {
    const all = Array.from(items);
    const heard = all.filter((one) => !sources.absence(one));
    failures = 0;
    if (heard.length === 0) {
      say(all.length ? sources.absence(all[0]) : "There is nothing to play.");
      return;
    }
    if (heard.length < all.length) say(`${heard.length} of ${all.length} sounds are in this page and are played.`);
    go({...nothing, items: heard, name, runs: true});
  }

  /** Play what a list is at. */
  function go(next) {
    const wanted = next.items[next.place];
    const mine = ++asked;
    const found = sources.heard(wanted);
    if (found.why) {
      if (!next.pointed) say(found.why);
      return;
    }
    if (found.later) {
      const again = () => mine === asked && go(next);
      document.addEventListener("DOMContentLoaded", again, {once: true});
      return;
    }
    [list, part] = [next, found];
    store.set({playing: wanted, queue: list.runs ? list.items.slice(list.place + 1) : []});
    voice.start(found);
    changed();
  }

  function step(by) {
    const place = list.place + by;
    if (place >= 0 && place < list.items.length) go({...list, place, pointed: false});
    else stop();
  }

  function ended() {
    failures = 0;
    if (list.runs && list.place + 1 < list.items.length) step(1);
    else rest();
  }

  function failed(error) {
    say(sources.failure(item(), error));
    failures++;
    if (list.runs && failures < FAILURES && list.place + 1 < list.items.length) step(1);
    else rest();
  }

  function refused() {
    say("Your browser plays nothing before the first click: click anywhere.");
    rest();
  }

  /** Nothing sounds any more, and nothing will by itself. */
  function rest() {
    list = {...list, runs: false};
    store.set({playing: -1, queue: []});
    changed();
  }

  function stop() {
    voice.pause();
    rest();
  }

  function toggle() {
    if (store.state.playing >= 0) {
      voice.pause();
      store.set({playing: -1});
    } else if (item() >= 0) {
      store.set({playing: item()});
      voice.resume();
    } else if (store.state.selected >= 0) {
      play(store.state.selected);
    }
    changed();
  }

  /** Begin again, or if that was just done, go to the one before. */
  function previous() {
    if (list.place > 0 && voice.at() < 2) step(-1);
    else if (item() >= 0) go({...list, pointed: false});
  }

  function next() {
    if (item() >= 0) step(1);
  }

  function position() {
    if (store.state.playing < 0) return null;
    const from = data.sounds.clips[item()]?.from ?? data.start[item()];
    return {item: item(), seconds: from + voice.at()};
  }

  const player = {play: (wanted) => play(wanted), playAll, toggle, stop, next, previous, position};
  const bar = createPlayerBar(data, store, root, player, voice);
  function changed() {
    const words = item() < 0 ? "" : queueWords(list);
    bar.show({item: item(), words, clip: part?.clip ?? false, sounds: store.state.playing >= 0});
  }

  root.append(audio);
  keepVolume(store, voice);
  playPointedAt(store, (wanted) => play(wanted, true), () => {
    if (list.pointed && store.state.playing >= 0 && voice.left() > RINGS_OUT) stop();
  });
  obeyMediaKeys(player, voice);
  createMessages(store, document.getElementById("message"));
  return player;
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
function obeyMediaKeys(player, voice) {
  const session = navigator.mediaSession;
  if (!session) return;
  const actions = {
    play: player.toggle, pause: player.toggle, stop: player.stop,
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
