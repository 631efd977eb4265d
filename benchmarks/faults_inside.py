"""What a bad notebook may do inside its kernel: the source of a cell for each fault, by name.

``OPTIONS`` are those of ``coprod run`` that a fault needs to be seen soon, ``REASONS`` what the run has to say of it.
"""

from __future__ import annotations

FAULTS: dict[str, str] = {
    "never ends": "while True: pass",
    "kills its kernel": "import os, signal\nos.kill(os.getpid(), signal.SIGKILL)",
    "crashes its kernel": "import ctypes\nctypes.string_at(0)",
    "takes all memory": "kept = []\nwhile True: kept.append(bytearray(50_000_000))",
    "prints 100 MB": "for _ in range(1_000_000): print('x' * 99)",
    "prints 100 MB at once": "print('x' * 100_000_000)",
    "prints 100 MB from a program": (
        "import subprocess\nsubprocess.run(['head', '-c', '100000000', '/dev/zero'], check=True)"
    ),
    "displays 100 MB": "from IPython.display import HTML\nHTML('x' * 100_000_000)",
    "displays a broken image": (
        "from IPython.display import display\ndisplay({'image/png': 'bm90IGFuIGltYWdl'}, raw=True)"
    ),
    "displays a broken result": (
        "from IPython.display import display\n"
        "display({'application/vnd.coprod.result+json': {'schema': 1, 'kind': 'value', 'id': 'x'}}, raw=True)"
    ),
    "starts children": "import subprocess\nsubprocess.Popen(['sleep', '601'])\n1 / 0",
    "starts children in a session of their own": (
        "import subprocess\nsubprocess.Popen(['sleep', '602'], start_new_session=True)\n1 / 0"
    ),
    "starts a daemon and is killed": (
        "import os, subprocess\n"
        "subprocess.run(['sh', '-c', 'setsid sleep 603 & setsid sleep 604 &'], check=True)\nos._exit(1)"
    ),
    "forks": "import os, time\nif os.fork() == 0:\n    os.setsid()\n    time.sleep(605)\n1 / 0",
    "changes directory": "import os\nos.chdir('/')\n1 / 0",
    "writes into the data": "import os\nopen(os.environ['COPROD_HOME'] + '/data/new.csv', 'w')",
    "writes into the data from a program": (
        "import os, subprocess\n"
        "subprocess.run(['touch', os.environ['COPROD_HOME'] + '/data/from_a_program.csv'], check=True)"
    ),
    "removes data": "import os, shutil\nshutil.rmtree(os.environ['COPROD_HOME'] + '/data')",
    "reads the network": "import urllib.request\nurllib.request.urlopen('http://example.org/data.csv')",
    "reads the network and goes on": (
        "import socket\ntry: socket.create_connection(('192.0.2.1', 443), timeout=1)\nexcept Exception: pass"
    ),
}
OPTIONS = ["--timeout", "5", "--memory", "2000"]
REASONS: dict[str, str] = {
    "never ends": "took longer than 5 s",
    "kills its kernel": "the kernel died twice",
    "crashes its kernel": "the kernel died twice",
    "takes all memory": "a kernel may take 2000 MB; give it more with --memory",
    "prints 100 MB": "output is larger than 10 MB",
    "prints 100 MB at once": "output is larger than 10 MB",
    "prints 100 MB from a program": "output is larger than 10 MB",
    "displays 100 MB": "output is larger than 10 MB",
    "displays a broken image": "the image/png that the cell displays cannot be read",
    "displays a broken result": "result 'x' cannot be read",
    "starts children": "ZeroDivisionError",
    "starts children in a session of their own": "ZeroDivisionError",
    "starts a daemon and is killed": "the kernel died twice",
    "forks": "ZeroDivisionError",
    "changes directory": "ZeroDivisionError",
    "writes into the data": "wanted to change data/new.csv",
    "writes into the data from a program": "data/from_a_program.csv changed while the cell ran",
    "removes data": "wanted to change data",
    "reads the network": "wanted example.org:80; a run has no network",
    "reads the network and goes on": "wanted 192.0.2.1:443; a run has no network",
}
