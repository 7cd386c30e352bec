/** The part of the page's script that holds the token and asks the emulator, once a second while the page is seen. */
export const LOOK = String.raw`
const KEY = "aci-emulator-token";
const EVERY_MS = 1000;
let token = "";
let timer;
let isLooking = false;

// The token is taken out of the address bar before anything else, so that it gets into no history and no screenshot.
function takeToken() {
  let given = location.hash.slice(1);
  try { given = decodeURIComponent(given); } catch {}
  if (given !== "") history.replaceState(null, "", location.pathname);
  try {
    if (given !== "") sessionStorage.setItem(KEY, given);
    token = given || sessionStorage.getItem(KEY) || "";
  } catch { token = given || token; }
}

function forgetToken() {
  token = "";
  try { sessionStorage.removeItem(KEY); } catch {}
}

function tell(text, mood) {
  setText(byId("status"), text);
  byId("status").dataset.mood = mood;
}

function askIn(reason) {
  tell("Not connected", "");
  setText(byId("reason"), reason);
  byId("help").hidden = false;
  byId("main").hidden = byId("clock").hidden = true;
}

async function look() {
  clearTimeout(timer);
  if (isLooking || token === "" || document.hidden) return;
  isLooking = true;
  const asked = chosen;
  try {
    const query = asked === undefined ? "" : "?" + new URLSearchParams(asked).toString();
    const answer = await fetch("/emulator/state" + query, { headers: { authorization: "Bearer " + token }, cache: "no-store", credentials: "omit", redirect: "error", signal: AbortSignal.timeout(10000) });
    if (answer.status === 401) {
      forgetToken();
      askIn("The token of this link is not, or no longer, that of the emulator. Every start has its own.");
      return;
    }
    if (!answer.ok) throw new Error("status " + answer.status);
    const state = await answer.json();
    show(state, asked);
    tell("Live, " + state.engine + " engine", "good");
    byId("help").hidden = true;
    byId("main").hidden = byId("clock").hidden = false;
  } catch {
    tell("The emulator does not answer; what is shown is what it said last", "bad");
  } finally {
    isLooking = false;
    // Another container may have been chosen in the meantime.
    timer = setTimeout(look, asked === chosen ? EVERY_MS : 0);
  }
}

function lookNow() {
  void look();
}

function begin() {
  takeToken();
  if (token === "") askIn("This page shows nothing without the emulator's token, and this link has none.");
  else lookNow();
}

document.addEventListener("visibilitychange", lookNow);
window.addEventListener("hashchange", begin);
begin();
`;
