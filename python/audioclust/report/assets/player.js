// Sounds are played here, and only here.

/** The player: play(item), playAll(items), stop(), next(). It sets playing, queue, message. */
function createPlayer(data, store, root) {
  const audio = new Audio();
  root.append(audio);

  function sourceOf(item) {
    const folder = data.sounds.folders[data.folder[item]];
    if (!folder || folder.url === null) return null;
    return folder.url + (data.sounds.files[item] ?? encodeURIComponent(data.names[item]));
  }

  function play(item) {
    const source = sourceOf(item);
    if (source === null) return;
    audio.src = source;
    store.set({playing: item});
    audio.play().catch((why) => store.set({message: `It cannot be played: ${why.message}`}));
  }

  return {play, playAll: (items) => play(items[0]), stop: () => audio.pause(), next: () => {}};
}
