import asyncio, time

COROUTINES = 1000


async def measure(what, count):
    began = time.perf_counter()
    await {"hops": hops, "timers": timers, "gather": gather, "messages": messages}[what](count)
    return (time.perf_counter() - began) * 1000


async def each(coroutines, times, seconds):
    async def coroutine():
        for _ in range(times):
            await asyncio.sleep(seconds)

    await asyncio.gather(*(coroutine() for _ in range(coroutines)))


async def hops(count):
    await each(COROUTINES, count // COROUTINES, 0)


async def timers(count):
    await each(COROUTINES, count // COROUTINES, 0.001)


async def gather(count):
    await each(count, 1, 0.5)


async def messages(count):
    queue = asyncio.Queue(1)

    async def produce():
        for number in range(count):
            await queue.put(number)

    async def consume():
        return sum([await queue.get() for _ in range(count)])

    _, total = await asyncio.gather(produce(), consume())
    assert total == count * (count - 1) // 2
