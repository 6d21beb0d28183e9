// What there is without any loop of one's own: async functions, timers and promises, as bare as they come.
const COROUTINES = 1000;
const sleep = (millis) => new Promise((resolve) => setTimeout(resolve, millis));

function each(coroutines, times, does) {
  const coroutine = async () => {
    for (let time = 0; time < times; time += 1) await does();
  };
  return Promise.all(Array.from({ length: coroutines }, coroutine));
}

// A queue of one, for one that puts and one that takes.
function queueOfOne() {
  let full = false;
  let item;
  let wake = () => {};
  const changed = () => new Promise((resolve) => (wake = resolve));
  return {
    async put(value) {
      while (full) await changed();
      [item, full] = [value, true];
      wake();
    },
    async take() {
      while (!full) await changed();
      full = false;
      wake();
      return item;
    },
  };
}

async function messages(count) {
  const queue = queueOfOne();
  const produce = async () => {
    for (let number = 0; number < count; number += 1) await queue.put(number);
  };
  let sum = 0;
  const consume = async () => {
    for (let number = 0; number < count; number += 1) sum += await queue.take();
  };
  await Promise.all([produce(), consume()]);
  if (sum !== (count * (count - 1)) / 2) throw new Error(`${sum} is not the sum of what was sent`);
}

const measures = {
  hops: (count) => each(COROUTINES, count / COROUTINES, () => null),
  timers: (count) => each(COROUTINES, count / COROUTINES, () => sleep(1)),
  gather: (count) => each(count, 1, () => sleep(500)),
  messages,
};

export async function measure(what, count) {
  const began = performance.now();
  await measures[what](count);
  return performance.now() - began;
}
