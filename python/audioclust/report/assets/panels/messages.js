// What the page tells while it is used.

const MESSAGE_STAYS = 8000; // milliseconds

/** Show the store's message for a while, and then take it away, so that it can come again. */
function createMessages(store, root) {
  let waiting = 0;
  store.on(["message"], ({message}) => {
    root.textContent = message;
    clearTimeout(waiting);
    if (message) waiting = setTimeout(() => store.set({message: ""}), MESSAGE_STAYS);
  });
}
