// What the user is told: a line above the player, which goes away by itself.

const MESSAGE_MS = 8000;

/** Tell the user something. What was just told is told anew: it is read again and stays longer. */
function tell(store, message) {
  if (store.state.message === message) store.set({message: ""});
  store.set({message});
}

/** Show the state's message in an element, which screen readers read aloud when it changes. */
function createMessages(store, root) {
  let timer = 0;
  let before = null; // What had the focus before the message.
  root.classList.add("message");
  const close = () => store.set({message: ""});
  const held = () => root.contains(document.activeElement) || root.matches(":hover");

  /** Let it go, unless somebody is at it; then look again. */
  function wait() {
    clearTimeout(timer);
    timer = setTimeout(() => (held() ? wait() : close()), MESSAGE_MS);
  }

  store.on(["message"], ({message}) => {
    clearTimeout(timer);
    if (!message) {
      const focused = root.contains(document.activeElement);
      root.replaceChildren();
      if (focused) before?.focus();
      return;
    }
    const button = element("button", {type: "button", class: "message-close", "aria-label": "Close", onclick: close}, "×");
    root.replaceChildren(element("div", {class: "message-box"}, element("span", {dir: "auto"}, message), button));
    wait();
  });
  root.addEventListener("focusin", (event) => {
    before = event.relatedTarget ?? before;
  });
  root.addEventListener("keydown", (event) => {
    if (event.key === "Escape") close();
  });
}
