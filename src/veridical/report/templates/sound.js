// Sound: a copy to listen to, its place in time shown on the timeline, on the cards, and in the list of stretches.
const sonogram = document.querySelector(".sonogram");
if (sonogram && "DecompressionStream" in window) {
  const image = sonogram.querySelector("image"), said = sonogram.querySelector(".level-here"), data = sonogram.dataset;
  const track = sonogram.querySelector(".track");
  let grid = null;
  track.addEventListener("pointermove", async (event) => {
    grid = grid || stepsOf(image);
    const box = track.getBoundingClientRect(), [low, high] = timeView();
    const time = low + clamp((event.clientX - box.left) / box.width, 0, 1) * (high - low);
    const u = (time - data.left) / (data.right - data.left), v = clamp((event.clientY - box.top) / box.height, 0, 1);
    const level = u < 0 || u > 1 ? words.nothing : valueAt(await grid, data, u, v);
    const hundredth = (value) => short(Math.round(value * 100) / 100);
    said.textContent = fill(words.level, { time: hundredth(time), frequency: hundredth((1 - v) * data.top), level });
  });
}

const listen = document.querySelector(".listen");
if (listen) {
  const player = listen.querySelector("audio"), clock = listen.querySelector(".clock");
  const ruler = document.querySelector(".lanes .ruler"), rows = all("tr:has(.play)");
  let length = 0;
  const held = JSON.parse(listen.dataset.pieces).map(([from, to]) => {
    length += to - from;
    return { from, to, at: length - (to - from) };
  });
  let stop = null, missed = null, own = false, told = 0, shownFrame = null;

  // Times of the exhibit and of the copy, which may hold only pieces of it.
  const timeOf = (at) => {
    const one = held.reduce((last, piece) => (at >= piece.at ? piece : last), held[0]);
    return clamp(one.from + at - one.at, one.from, one.to);
  };
  const placeOf = (time, until) => {
    const one = held.find((piece) => time < piece.to && until >= piece.from);
    return one ? one.at + Math.max(time, one.from) - one.from : null;
  };
  const say = (text, time) => (clock.textContent = fill(text, { time: time.toFixed(2) }));

  // The cursor follows every frame of the screen; what is written out follows four times a second.
  const show = (time, fully) => {
    say(words.clock, time);
    if (!fully) return void moveTo(time);
    own = true;
    atTime.forEach((tell) => tell(time));
    own = false;
    const viewer = document.querySelector("#timeline .viewer");
    if (viewer && frames.length && nearest(time).id !== shownFrame) {
      shownFrame = nearest(time).id;
      draw(viewer, time);
    }
    rows.forEach((row) => {
      const { playFrom, playTo } = row.querySelector(".play").dataset;
      row.classList.toggle("playing", !player.paused && time >= Number(playFrom) && time <= Number(playTo));
    });
  };
  const reached = () => {
    const time = timeOf(player.currentTime);
    if (stop === null || time < stop || player.paused) return time;
    const end = stop;
    stop = null;
    player.pause();
    player.currentTime = placeOf(end - 1e-3, end) ?? player.currentTime;
    return end;
  };
  const follow = () => {
    const time = reached(), now = performance.now(), fully = now - told > 250;
    if (player.paused) return; // told of by the event
    if (fully) told = now;
    show(time, fully);
    requestAnimationFrame(follow);
  };
  const miss = (time) => {
    missed = time; // the cursor stays there
    player.pause();
    say(words.not_held, time);
  };
  const go = () => player.play().catch(() => {}); // paused before it began, or a browser without the codec: its controls say so
  const play = (from, to = null) => {
    const at = placeOf(from, to ?? from);
    stop = null;
    if (at === null) return void miss(from);
    player.currentTime = at;
    stop = to;
    go();
  };
  const pause = () => {
    stop = null;
    player.pause();
  };

  player.addEventListener("play", () => {
    missed = null;
    requestAnimationFrame(follow);
  });
  player.addEventListener("timeupdate", reached); // a page in the background draws no frames
  ["pause", "seeked", "ended"].forEach((name) => player.addEventListener(name, () => {
    if (missed === null) show(timeOf(player.currentTime), true);
  }));
  const live = document.querySelector("#timeline .viewer figcaption p");
  if (live) {
    player.addEventListener("play", () => live.setAttribute("aria-live", "off"));
    player.addEventListener("pause", () => live.removeAttribute("aria-live"));
  }

  // A time that is chosen elsewhere moves the player; a click on the sound plays from there.
  atTime.push((time) => {
    if (own) return;
    const at = placeOf(time, time);
    stop = missed = null;
    if (at === null) miss(time);
    else if (Math.abs(player.currentTime - at) > 0.02) player.currentTime = at;
  });
  onPick.push(({ time, from }) => { if (from.closest(".hear")) play(time); });
  all("[data-hear]").forEach((button) => button.addEventListener("click", () => play(Number(button.dataset.seek))));
  all("button[data-play-from]").forEach((button) => {
    const { playFrom, playTo } = button.dataset;
    button.hidden = false;
    button.addEventListener("click", () => play(Number(playFrom), Number(playTo)));
  });
  rows.forEach((row) => {
    row.classList.add("can");
    row.addEventListener("click", (event) => {
      if (!event.target.closest("a, button")) row.querySelector("[data-hear]").click();
    });
  });
  all(".plot.hear").forEach((plot) => {
    const here = () => play(Number(plot.getAttribute("aria-valuenow")));
    plot.addEventListener("click", here);
    plot.addEventListener("keydown", (event) => { if (event.key === "Enter") here(); });
  });
  addEventListener("keydown", (event) => { if (event.key === "Escape") pause(); });
  ruler?.addEventListener("keydown", (event) => {
    if (event.key !== " ") return;
    event.preventDefault();
    if (player.paused) go();
    else pause();
  });

  // While it plays and its own place is out of sight, the player stays at hand.
  const mark = document.createElement("div");
  mark.className = "place-of-player";
  listen.before(mark);
  let seen = true;
  const place = () => {
    const away = !seen && !player.paused;
    mark.style.height = away ? `${listen.offsetHeight}px` : "";
    listen.classList.toggle("away", away);
  };
  new IntersectionObserver(([entry]) => {
    seen = entry.isIntersecting;
    place();
  }).observe(mark);
  ["play", "pause"].forEach((name) => player.addEventListener(name, place));
}
