#!/usr/bin/python3
"""Serves the files of the current folder on a free port of this machine, which it prints first: parts of files, too.

For tests of downloads. A file named …cut is sent only to its half, and the connection then closed; of one named
…whole no parts are given; /moved/NAME redirects to /NAME."""
import http.server
import os
import re


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.0"

    def do_GET(self):
        name = os.path.basename(self.path)
        if self.path.startswith("/moved/"):
            self.send_response(302)
            self.send_header("Location", "/" + name)
            return self.end_headers()
        if not os.path.isfile(name):
            return self.send_error(404)
        with open(name, "rb") as file:
            content = file.read()
        begin = 0
        part = re.fullmatch(r"bytes=(\d+)-", self.headers.get("Range", ""))
        if part and not name.endswith("whole"):
            begin = int(part.group(1))
            self.send_response(206)
            self.send_header("Content-Range", f"bytes {begin}-{len(content) - 1}/{len(content)}")
        else:
            self.send_response(200)
        self.send_header("Content-Length", str(len(content) - begin))
        self.end_headers()
        end = len(content) // 2 if name.endswith("cut") and begin == 0 else len(content)
        self.wfile.write(content[begin:end])

    def log_message(self, *_):
        with open("requests.log", "a") as log:
            log.write(f"{self.path} {self.headers.get('Range', '-')}\n")


server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
print(server.server_address[1], flush=True)
server.serve_forever()
