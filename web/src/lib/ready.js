/* html[data-ready]: set when nothing is being fetched or drawn. Tests and the command-line screenshot wait for it. */
let busy = 0;
let timer = 0;

function settle() {
  clearTimeout(timer);
  timer = setTimeout(() => {
    if (busy === 0) document.documentElement.dataset.ready = '1';
  }, 60);
}

/** Something has begun. @returns {() => void} call once when it has ended */
export function begin() {
  busy++;
  clearTimeout(timer);
  delete document.documentElement.dataset.ready;
  let open = true;
  return () => {
    if (!open) return;
    open = false;
    busy--;
    if (busy === 0) settle();
  };
}
