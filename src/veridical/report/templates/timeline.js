
// The timeline: one time for all lanes, one cursor through them, a part of it enlarged on wish.
const board = document.querySelector(".lanes");
if (board) {
  const start = Number(board.dataset.low), end = Number(board.dataset.high), whole = end - start;
  const least = Math.max(whole / 200, Math.min(whole, 0.2));
  const ruler = board.querySelector(".ruler"), marks = ruler.querySelector("svg");
  const cursor = board.querySelector(".now"), picked = board.querySelector(".picked");
  const here = document.querySelector("#timeline .here"), slots = all(".slots svg", board);
  const blocks = all("a.block", board).map((one) => ({ one, from: Number(one.dataset.from), to: Number(one.dataset.to) }));
  const traces = all(".finding-lane[data-top]", board).map((lane) => ({
    points: pointsOf(lane.querySelector("path")), said: lane.querySelector(".value-now"), data: lane.dataset,
  }));
  let low = start, high = end, now = null;
  document.querySelector(".zoom").hidden = false;
  const shareOf = (time) => (time - low) / (high - low);

  const place = () => {
    const share = now === null ? -1 : shareOf(now);
    cursor.hidden = share < 0 || share > 1;
    cursor.style.setProperty("--at", share);
  };

  const look = (from, to) => {
    const width = clamp(to - from, least, whole);
    low = clamp((from + to - width) / 2, start, end - width);
    high = low + width;
    all(".trace", board).forEach((svg) => svg.setAttribute("viewBox", `${((low - start) / whole) * 1000} 0 ${(width / whole) * 1000} 1000`));
    labelTimes(marks, low, high, 8, 14);
    slots.forEach((svg, i) => svg.firstElementChild.setAttribute("href", `#${nearest(low + ((i + 0.5) / slots.length) * width).id}`));
    onView.forEach((told) => told(low, high));
    place();
  };

  const zoom = (factor, about) => {
    const at = about === undefined ? (now !== null && now >= low && now <= high ? now : (low + high) / 2) : about;
    const width = clamp((high - low) / factor, least, whole), left = at - shareOf(at) * width;
    look(left, left + width);
  };

  const sayHere = () => {
    if (!here) return;
    const slack = (high - low) / 400;
    const found = blocks.filter((b) => b.from - slack <= now && now <= b.to + slack).sort((a, b) => a.to - a.from - (b.to - b.from));
    here.replaceChildren(...found.slice(0, 12).map((b) => {
      const item = document.createElement("li"), link = document.createElement("a");
      link.href = b.one.getAttribute("href");
      link.textContent = b.one.querySelector("title").textContent;
      item.append(link);
      return item;
    }));
  };

  timeView = () => [low, high];
  moveTo = (time) => {
    now = clamp(time, start, end);
    if (now < low || now > high) look(now - (high - low) / 2, now + (high - low) / 2);
    place();
  };

  // Told of every time that is chosen anywhere on the page.
  atTime.push((time) => {
    moveTo(time);
    const at = ((now - start) / whole) * 1000;
    traces.forEach(({ points, said, data }) => {
      const near = nearestPoint(points, at, Math.max(4, 1000 / points.length));
      const value = near && Number(data.bottom) + ((Number(data.top) - Number(data.bottom)) * (1000 - near[1])) / 1000;
      said.textContent = near ? fill(words.here, { value: withUnit(value, data.unit) }) : said.dataset.scale;
    });
    sayHere();
    const marked = here ? here.children.length : 0;
    ruler.setAttribute("aria-valuenow", now);
    ruler.setAttribute("aria-valuetext", `${withUnit(now, "s")}${marked ? `, ${fill(words.marked, { n: marked })}` : ""}`);
  });

  all("[data-zoom]").forEach((button) => button.addEventListener("click", () => {
    if (button.dataset.zoom === "all") look(start, end);
    else zoom(button.dataset.zoom === "in" ? 2 : 0.5);
  }));

  ruler.addEventListener("keydown", (event) => {
    const step = { ArrowLeft: -0.01, ArrowDown: -0.01, ArrowRight: 0.01, ArrowUp: 0.01, PageDown: -0.1, PageUp: 0.1 }[event.key];
    const from = now === null ? low : now;
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (step) seek(ruler, clamp(from + step * (high - low), start, end));
    else if (event.key === "Home" || event.key === "End") seek(ruler, event.key === "Home" ? start : end);
    else if (event.key === "+" || event.key === "=") zoom(2);
    else if (event.key === "-" || event.key === "−") zoom(0.5);
    else if (event.key === "0") look(start, end);
    else return;
    event.preventDefault();
  });

  // Pointer: a click chooses a time, a drag with the mouse enlarges a part, a finger drags the cursor.
  let held = null;
  const timeAt = (event) => {
    const box = ruler.getBoundingClientRect();
    return low + clamp((event.clientX - box.left) / box.width, 0, 1) * (high - low);
  };
  const within = (event) => event.target.closest(".track");
  board.addEventListener("pointerdown", (event) => {
    if (!within(event) || event.button !== 0) return;
    held = { x: event.clientX, from: timeAt(event), mouse: event.pointerType === "mouse", on: event.target };
  });
  addEventListener("pointermove", (event) => {
    if (!held || Math.abs(event.clientX - held.x) < 5) return;
    if (!held.mouse) return void seek(ruler, timeAt(event));
    const ends = [shareOf(held.from), shareOf(timeAt(event))].sort((a, b) => a - b);
    picked.hidden = false;
    picked.style.setProperty("--from", ends[0]);
    picked.style.setProperty("--to", ends[1]);
  });
  addEventListener("pointerup", (event) => {
    if (!held) return;
    const to = timeAt(event), { x, from, mouse, on } = held;
    held = null;
    picked.hidden = true;
    if (mouse && Math.abs(event.clientX - x) >= 5) look(Math.min(from, to), Math.max(from, to));
    else {
      seek(ruler, to);
      onPick.forEach((told) => told({ time: to, from: on }));
    }
  });
  addEventListener("pointercancel", () => {
    held = null;
    picked.hidden = true;
  });
  board.addEventListener("click", (event) => { if (event.target.closest("a.block, summary .track")) event.preventDefault(); });
  board.addEventListener("dragstart", (event) => event.preventDefault());
  board.addEventListener("wheel", (event) => {
    if (event.ctrlKey || event.metaKey) zoom(event.deltaY < 0 ? 1.25 : 0.8, timeAt(event));
    else if (event.shiftKey && high - low < whole) {
      const by = ((event.deltaX || event.deltaY) / 800) * (high - low);
      look(clamp(low + by, start, end - (high - low)), clamp(high + by, start + (high - low), end));
    } else return;
    event.preventDefault();
  }, { passive: false });
}
