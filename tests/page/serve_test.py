"""`duel serve` by a real HTTP client. The environment names the programs: DUEL and MAKE_RUNS."""

import http.client
import json
import os
import pathlib
import re
import shutil
import signal
import socket
import subprocess
import tempfile
import time
import unittest


class Server:
    """`duel serve` of a folder; ended when the block is left."""

    def __init__(self, *folders, port=0, cwd=None):
        self.process = subprocess.Popen([os.environ["DUEL"], "serve", *folders, "--port", str(port)], cwd=cwd,
                                        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        self.line = self.process.stdout.readline()
        found = re.match(r"http://127\.0\.0\.1:(\d+)/ ", self.line)
        self.port = int(found[1]) if found else None

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.send_signal(signal.SIGINT)
        self.code = self.process.wait(20)
        self.errors = self.process.stderr.read()
        self.process.stdout.close()
        self.process.stderr.close()

    def ask(self, path="/", method="GET", headers=None, host=None, body=None):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)
        connection.putrequest(method, path, skip_host=True)
        for value in [host or f"127.0.0.1:{self.port}"] if isinstance(host, (str, type(None))) else host:
            connection.putheader("Host", value)
        for name, value in (headers or {}).items():
            connection.putheader(name, value)
        if body:
            connection.putheader("Content-Length", str(len(body)))
        connection.endheaders(body)
        answer = connection.getresponse()
        answer.text = answer.read().decode()
        connection.close()
        return answer

    def ids(self):
        return [run["id"] for run in json.loads(self.ask("/data").text)["data"]["runs"]]

    def bytes_read(self):
        """How much the program has read from files so far."""
        return int(re.search(r"rchar: (\d+)", pathlib.Path(f"/proc/{self.process.pid}/io").read_text())[1])

    def events(self):
        """A connection that follows the events, as an open file."""
        connection = socket.create_connection(("127.0.0.1", self.port), timeout=20)
        connection.sendall(f"GET /events HTTP/1.1\r\nHost: 127.0.0.1:{self.port}\r\n\r\n".encode())
        return connection, connection.makefile("r")


def version_of(lines):
    """The number of the next event."""
    for line in lines:
        if line.startswith("data: "):
            return int(line[6:])
    raise AssertionError("the server ended the events")


class ServeTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = pathlib.Path(tempfile.mkdtemp(prefix="duel-serve-"))
        cls.runs = cls.folder / "runs"
        subprocess.run([os.environ["MAKE_RUNS"], "few", cls.runs], check=True)
        (cls.folder / "secret.txt").write_text("not to be served")
        (cls.runs / "secret.txt").write_text("not to be served")
        cls.server = Server(cls.runs)

    @classmethod
    def tearDownClass(cls):
        cls.server.__exit__()
        shutil.rmtree(cls.folder)
        assert cls.server.code == 0, (cls.server.code, cls.server.errors)

    def test_gives_out_the_page_of_all_runs(self):
        answer = self.server.ask()
        self.assertEqual(answer.status, 200)
        self.assertEqual(answer.getheader("Content-Type"), "text/html; charset=utf-8")
        self.assertIn("lr2e-4-s3", answer.text)
        policy = re.search(r'Content-Security-Policy" content="([^"]*)"', answer.text)[1]
        self.assertIn("default-src 'none'", policy)
        self.assertIn("connect-src 'self'", policy)
        self.assertEqual(answer.getheader("X-Content-Type-Options"), "nosniff")
        self.assertEqual(answer.getheader("Content-Security-Policy"), "frame-ancestors 'none'")

    def test_gives_out_the_data_alone(self):
        answer = self.server.ask("/data")
        self.assertEqual(answer.status, 200)
        self.assertEqual(len(json.loads(answer.text)["data"]["runs"]), 8)

    def test_a_head_has_no_body(self):
        answer = self.server.ask(method="HEAD")
        self.assertEqual((answer.status, answer.text), (200, ""))
        self.assertGreater(int(answer.getheader("Content-Length")), 100_000)

    def test_refuses_what_could_change_something(self):
        for method in ["POST", "PUT", "DELETE", "PATCH", "OPTIONS"]:
            answer = self.server.ask(method=method, body=b"x" if method != "OPTIONS" else None)
            self.assertEqual(answer.status, 405, method)
            self.assertEqual(answer.getheader("Allow"), "GET, HEAD")

    def test_gives_out_no_files(self):
        for path in ["/secret.txt", "/../secret.txt", "/../../etc/passwd", "/%2e%2e/secret.txt", "/..%2fsecret.txt", "//etc/passwd",
                     "/data/../secret.txt", "/lr1e-3-s1/run.h5", "/runs/secret.txt", "/..\\secret.txt", "/%00", "/data%00.txt"]:
            answer = self.server.ask(path)
            self.assertIn(answer.status, (400, 404), path)
            self.assertNotIn("not to be served", answer.text)
            self.assertNotIn("root:", answer.text)

    def test_refuses_foreign_hosts(self):
        port = self.server.port
        for host in ["example.com", f"example.com:{port}", f"127.0.0.1.example.com:{port}", "127.0.0.1", f"127.0.0.1:{port + 1}",
                     f"[::1]:{port}", f"127.0.0.1:{port}@example.com", [f"127.0.0.1:{port}", "example.com"]]:
            for path in ["/", "/data", "/events"]:
                self.assertEqual(self.server.ask(path, host=host).status, 403, (host, path))
        self.assertEqual(self.server.ask(host=f"localhost:{port}").status, 200)

    def test_refuses_pages_of_others(self):
        port = self.server.port
        for origin in ["http://example.com", "null", f"https://127.0.0.1:{port}", f"http://localhost:{port}", f"http://127.0.0.1:{port}.example.com"]:
            for path in ["/", "/data", "/events"]:
                self.assertEqual(self.server.ask(path, headers={"Origin": origin}).status, 403, (origin, path))
        self.assertEqual(self.server.ask("/data", headers={"Origin": f"http://127.0.0.1:{port}"}).status, 200)

    def test_refuses_what_pages_of_others_embed(self):
        # Images, scripts and frames are asked for without an Origin.
        for site in ["cross-site", "same-site"]:
            for mode, dest in [("no-cors", "image"), ("no-cors", "script"), ("cors", "empty"), ("navigate", "iframe")]:
                headers = {"Sec-Fetch-Site": site, "Sec-Fetch-Mode": mode, "Sec-Fetch-Dest": dest}
                for path in ["/", "/data", "/events"]:
                    self.assertEqual(self.server.ask(path, headers=headers).status, 403, (headers, path))
        for site in ["same-origin", "none"]:
            self.assertEqual(self.server.ask("/data", headers={"Sec-Fetch-Site": site}).status, 200)

    def test_lets_a_link_lead_to_the_page(self):
        headers = {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "document"}
        self.assertEqual(self.server.ask("/", headers=headers).status, 200)
        self.assertEqual(self.server.ask("/data", headers=headers).status, 403)

    def test_is_found_at_the_port_that_browsers_leave_out(self):
        with Server(self.runs, port=80) as server:
            if server.port is None:
                self.skipTest("port 80 cannot be had")
            for host in ["127.0.0.1", "localhost", "127.0.0.1:80"]:
                self.assertEqual(server.ask(host=host, headers={"Origin": f"http://{host}"}).status, 200, host)
            self.assertEqual(server.ask(host="example.com").status, 403)

    def test_gives_each_run_once(self):
        runs = self.folder / "twice/runs"
        for name in ["a", "b"]:
            shutil.copytree(self.runs / "lr1e-3-s1", runs / name)
        with Server("runs", "./runs/", "runs/a", cwd=runs.parent) as server:
            self.assertEqual(server.ids(), ["a", "b"])

    def test_reads_nothing_while_nobody_looks(self):
        runs = self.folder / "quiet"
        shutil.copytree(self.runs / "lr1e-3-s1", runs / "a")
        with Server(runs) as server:
            before = server.bytes_read()
            for _ in range(3):
                (runs / "a/run.h5").touch()
                time.sleep(1.1)
            self.assertLess(server.bytes_read() - before, 1000)
            connection, lines = server.events()
            version_of(lines)
            self.assertEqual(server.ids(), ["a"])
            before = server.bytes_read()
            self.assertEqual(server.ids(), ["a"])  # nothing has changed since
            self.assertLess(server.bytes_read() - before, 5000)
            (runs / "a/run.h5").touch()
            deadline = time.monotonic() + 20
            while server.bytes_read() - before < 10_000:  # it looks once a second
                self.assertLess(time.monotonic(), deadline)
                time.sleep(0.2)
                self.assertEqual(server.ids(), ["a"])
            connection.close()

    def test_waits_for_runs_in_an_empty_folder(self):
        empty = self.folder / "empty"
        empty.mkdir()
        with Server(empty) as server:
            self.assertEqual(server.ids(), [])
            self.assertIn("<title>no runs yet", server.ask().text)
            connection, lines = server.events()
            version_of(lines)
            shutil.copytree(self.runs / "lr1e-3-s1", empty / "first")
            version_of(lines)
            self.assertEqual(server.ids(), ["first"])
            connection.close()
        self.assertEqual(server.code, 0)

    def test_listens_on_this_machine_alone(self):
        addresses = {info[4][0] for info in socket.getaddrinfo(socket.gethostname(), None, socket.AF_INET)}
        for address in addresses - {a for a in addresses if a.startswith("127.")}:
            with self.assertRaises(OSError):
                socket.create_connection((address, self.server.port), timeout=5)

    def test_survives_what_is_no_http(self):
        for text in [b"\0\xff\r\n\r\n", b"GET / HTTP/9.9\r\n\r\n", b"GET /" + b"x" * 100_000 + b" HTTP/1.1\r\n\r\n", b"GET / HTTP/1.1\r\nHost"]:
            with socket.create_connection(("127.0.0.1", self.server.port), timeout=10) as connection:
                try:
                    connection.sendall(text)
                    connection.shutdown(socket.SHUT_WR)
                    connection.recv(1000)
                except OSError:
                    pass  # closed by the server
        self.assertEqual(self.server.ask().status, 200)

    def test_tells_of_changes(self):
        runs = self.folder / "changing"
        shutil.copytree(self.runs / "lr1e-3-s1", runs / "a")
        with Server(runs) as server:
            connection, lines = server.events()
            first = version_of(lines)
            shutil.copytree(self.runs / "lr1e-3-s2", runs / "b")
            second = version_of(lines)
            self.assertGreater(second, first)
            shutil.rmtree(runs / "a")
            deadline = time.monotonic() + 30
            while True:
                version_of(lines)
                ids = server.ids()
                if ids == ["b"]:
                    break
                self.assertLess(time.monotonic(), deadline, ids)
            connection.close()
        self.assertEqual(server.code, 0)

    def test_ends_while_pages_are_open(self):
        with Server(self.runs) as server:
            connection, lines = server.events()
            version_of(lines)
            began = time.monotonic()
        self.assertEqual(server.code, 0)
        self.assertLess(time.monotonic() - began, 10)
        connection.close()

    def test_ends_soon_while_connections_are_idle(self):
        with Server(self.runs) as server:
            kept = []
            for _ in range(10):
                connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=20)
                connection.request("GET", "/nothing")
                connection.getresponse().read()
                kept.append(connection)
            began = time.monotonic()
        self.assertEqual(server.code, 0)
        self.assertLess(time.monotonic() - began, 4)  # the library would wait for 5 s
        for connection in kept:
            connection.close()

    def test_ends_by_a_signal_at_any_moment(self):
        for delay in [0, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1]:
            process = subprocess.Popen([os.environ["DUEL"], "serve", self.runs, "--port", "0"],
                                       stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            time.sleep(delay)
            process.send_signal(signal.SIGTERM)
            self.assertIn(process.wait(10), (0, -signal.SIGTERM))

    def test_bounds_the_pages_that_follow(self):
        with Server(self.runs) as server:
            open_ones = [server.events() for _ in range(24)]
            for _, lines in open_ones:
                version_of(lines)
            self.assertEqual(server.ask("/events").status, 503)
            self.assertEqual(server.ask("/data").status, 200)
            for connection, _ in open_ones:
                connection.close()

    def test_refuses_a_port_that_is_taken(self):
        with Server(self.runs, port=self.server.port) as second:
            self.assertIsNone(second.port)
        self.assertEqual(second.code, 6)
        self.assertIn("choose another with --port", second.errors)

    def test_refuses_what_is_no_folder(self):
        for path, why in [(self.folder / "absent", "is not there"), (self.folder / "secret.txt", "is no folder")]:
            with Server(path) as server:
                self.assertIsNone(server.port)
            self.assertEqual(server.code, 2)
            self.assertIn(f"{path} {why}", server.errors)


if __name__ == "__main__":
    unittest.main(verbosity=1)
