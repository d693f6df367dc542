"nbclient, which runs notebooks, without its naps."
import math
from queue import Empty
from time import monotonic

import nbclient

LOOK = 1.  # Seconds between two looks at a channel


def awake(get):
    """`get_msg` of a channel that looks again each second:
    it may sleep through a message that is there, until its timeout (jupyter/nbclient#312)."""
    async def message(timeout=None):
        end = math.inf if timeout is None else monotonic() + timeout
        while True:
            try: return await get(timeout=max(0, min(LOOK, end - monotonic())))
            except Empty:
                if monotonic() >= end: raise
    return message


class NotebookClient(nbclient.NotebookClient):
    async def async_start_new_kernel_client(self):
        client = await super().async_start_new_kernel_client()
        for channel in (client.shell_channel, client.iopub_channel): channel.get_msg = awake(channel.get_msg)
        return client
