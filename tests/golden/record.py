"""Prints what this CPython does, as JSON by key: generators, executors, asyncio, locks, threads.

    python3.13 record.py > cpython-3.13.json
"""
import asyncio
import concurrent.futures as cf
import json
import sys
import threading
import time

facts = {"py": sys.version.split()[0]}


def generators():
    def collecting():
        seen = []
        while True:
            seen.append((yield len(seen)))

    started = collecting()
    try:
        started.send(1)
    except TypeError as error:
        facts["gen.send_before_start"] = str(error)
    facts["gen.next"] = next(started)
    facts["gen.send"] = started.send("value")
    started.close()

    def inner():
        got = yield "a"
        return "ret:" + str(got)

    def outer():
        yield (yield from inner())

    delegating = outer()
    facts["yield_from"] = [next(delegating), delegating.send(7)]


def after(delay, value):
    time.sleep(delay)
    return value


DELAYS = [(0.15, "a"), (0.05, "b"), (0.1, "c")]


def executors():
    with cf.ThreadPoolExecutor(4) as pool:
        facts["map.order"] = list(pool.map(lambda pair: after(*pair), DELAYS))
        futures = [pool.submit(after, *pair) for pair in DELAYS]
        facts["as_completed.order"] = [future.result() for future in cf.as_completed(futures)]
    with cf.ThreadPoolExecutor(1) as pool:
        first, second = pool.submit(after, 0.1, 1), pool.submit(after, 0.1, 2)
        time.sleep(0.02)
        facts["cancel.running"] = first.cancel()
        facts["cancel.queued"] = second.cancel()
        facts["f2.cancelled"] = second.cancelled()
    with cf.ThreadPoolExecutor(1) as pool:
        failing = pool.submit(lambda: 1 / 0)
        facts["exc.stored"] = type(failing.exception()).__name__
        try:
            failing.result()
        except Exception as error:
            facts["exc.result"] = "raises " + type(error).__name__
        results = pool.map(lambda number: 1 / number, [1, 0, 2])
        seen = [next(results)]
        try:
            seen.append(next(results))
        except ZeroDivisionError:
            facts["map.exc"] = "raised at item" if seen == [1] else "raised elsewhere"
    pool = cf.ThreadPoolExecutor(1)
    pool.shutdown()
    try:
        pool.submit(int)
    except RuntimeError as error:
        facts["submit_after_shutdown"] = str(error)
    pool = cf.ThreadPoolExecutor(1)
    first, second = pool.submit(after, 0.1, 0), pool.submit(after, 0.1, 1)
    pool.shutdown(wait=True, cancel_futures=True)
    facts["shutdown.cancel_futures"] = [first.result(), second.cancelled()]
    facts["default.max_workers"] = cf.ThreadPoolExecutor()._max_workers
    done, not_done = cf.wait([cf.Future()], timeout=0.01)
    facts["cf.wait.timeout"] = [len(done), len(not_done)]


log = []


def take_log():
    taken = log[:]
    log.clear()
    return taken


async def told(name, delay=0):
    log.append("start " + name)
    await asyncio.sleep(delay)
    log.append("end " + name)
    return name


async def failing(delay=0):
    await asyncio.sleep(delay)
    raise ValueError("bad")


async def gathering():
    coroutine = told("x")
    log.append("coro created")
    await coroutine
    facts["coro_lazy"] = take_log()
    task = asyncio.create_task(told("x"))
    log.append("task created")
    await task
    facts["task_starts_next_tick"] = take_log()
    gathered = await asyncio.gather(told("a", 0.03), told("b", 0.01), told("c", 0.02))
    facts["gather"] = [gathered, take_log()]
    try:
        await asyncio.gather(told("slow", 0.05), failing(0.01))
    except ValueError:
        others = [not task.done() for task in asyncio.all_tasks() if task is not asyncio.current_task()]
        facts["gather.exc"] = f"raises first; others keep running: {others}"
    good, bad = await asyncio.gather(told("ok"), failing(), return_exceptions=True)
    facts["gather.return_exceptions"] = [good, type(bad).__name__]


async def waiting():
    tasks = [asyncio.create_task(told("p", delay)) for delay in (0.01, 0.2)]
    done, pending = await asyncio.wait(tasks, timeout=0.05)
    facts["wait.timeout"] = [len(done), len(pending), [task.cancelled() for task in pending]]
    for task in pending:
        task.cancel()
    tasks = [asyncio.create_task(failing()), asyncio.create_task(told("q", 0.2))]
    done, pending = await asyncio.wait(tasks, return_when=asyncio.FIRST_EXCEPTION)
    facts["wait.FIRST_EXCEPTION"] = [len(done), len(pending)]
    for task in done:
        task.exception()
    for task in pending:
        task.cancel()
    coroutine = told("z")
    try:
        await asyncio.wait([coroutine])
    except TypeError as error:
        facts["wait.coroutine"] = str(error)
    coroutine.close()
    try:
        await asyncio.wait_for(asyncio.sleep(1), 0.01)
    except Exception as error:
        facts["wait_for"] = f"{type(error).__module__}.{type(error).__name__}"
    log.clear()


async def cancelling():
    async def tells_when_cancelled(name):
        try:
            await asyncio.sleep(1)
        except asyncio.CancelledError:
            log.append(name + " cancelled")
            raise

    try:
        async with asyncio.TaskGroup() as group:
            group.create_task(tells_when_cancelled("a"))
            group.create_task(failing(0.01))
    except ExceptionGroup as raised:
        facts["TaskGroup"] = [len(raised.exceptions), take_log()]
    try:
        async with asyncio.timeout(0.01):
            await asyncio.sleep(1)
    except Exception as error:
        facts["asyncio.timeout"] = type(error).__name__
    task = asyncio.create_task(asyncio.sleep(1))
    await asyncio.sleep(0)
    task.cancel()
    try:
        await task
    except asyncio.CancelledError:
        facts["cancel"] = task.cancelled()

    async def stubborn():
        try:
            await asyncio.sleep(1)
        except asyncio.CancelledError:
            log.append("swallowed")
        return "done"

    task = asyncio.create_task(stubborn())
    await asyncio.sleep(0)
    task.cancel()
    facts["cancel.swallowed"] = [await task, task.cancelled(), take_log()]


async def counting():
    count = 0

    async def increment():
        nonlocal count
        for _ in range(100):
            read = count
            await asyncio.sleep(0)
            count = read + 1

    await asyncio.gather(increment(), increment())
    facts["coroutine_lost_updates"] = [200, count]
    count, lock = 0, asyncio.Lock()

    async def increment_locked():
        nonlocal count
        for _ in range(100):
            async with lock:
                read = count
                await asyncio.sleep(0)
                count = read + 1

    await asyncio.gather(increment_locked(), increment_locked())
    facts["with_lock"] = count


async def taking_turns():
    loop = asyncio.get_running_loop()
    loop.call_later(0, log.append, "later0")
    loop.call_soon(log.append, "soon")
    await asyncio.sleep(0.01)
    facts["call_soon_vs_later0"] = take_log()
    await asyncio.gather(told("1"), told("2"))
    facts["sleep0_interleave"] = take_log()

    async def seconds(*coroutines):
        began = time.perf_counter()
        await asyncio.gather(*coroutines)
        return round(time.perf_counter() - began, 1)

    async def blocking():
        time.sleep(0.1)

    facts["to_thread x4 .1s"] = await seconds(*(asyncio.to_thread(time.sleep, 0.1) for _ in range(4)))
    facts["blocking x4 .1s"] = await seconds(*(blocking() for _ in range(4)))
    queue = asyncio.Queue(maxsize=1)

    async def produce():
        for number in range(3):
            await queue.put(number)
            log.append(f"put{number}")

    async def consume():
        for _ in range(3):
            log.append(f"get{await queue.get()}")
            await asyncio.sleep(0)

    await asyncio.gather(produce(), consume())
    facts["queue(maxsize=1)"] = take_log()


async def event_loops():
    for about in (gathering, waiting, cancelling, counting, taking_turns):
        await about()


counter = 0


def increment_bare(times):
    global counter
    for _ in range(times):
        read = counter
        counter = read + 1


def threads():
    sys.setswitchinterval(1e-5)
    both = [threading.Thread(target=increment_bare, args=(200_000,)) for _ in range(2)]
    for thread in both:
        thread.start()
    for thread in both:
        thread.join()
    facts["thread_lost_updates"] = [400_000, counter]


generators()
executors()
asyncio.run(event_loops())
threads()
print(json.dumps(facts, ensure_ascii=False, indent=0))
