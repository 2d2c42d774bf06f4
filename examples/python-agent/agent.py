"""An agent service for Tickwork (docs/http-agent.md): it shouts the mandate, one word a tick. Only the standard library."""
import base64, hashlib, hmac, json, os, time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

SECRET = base64.b64decode(os.environ["AGENT_HTTP_SECRET"].removeprefix("whsec_"))

def is_signed(headers, body):
    sent_at = headers.get("webhook-timestamp", "")
    if not sent_at.isdecimal() or abs(time.time() - int(sent_at)) > 300: return False
    wanted = hmac.digest(SECRET, f"{headers.get('webhook-id')}.{sent_at}.".encode() + body, hashlib.sha256)
    wanted = b"v1," + base64.b64encode(wanted)
    return any([hmac.compare_digest(wanted, given.encode()) for given in headers.get("webhook-signature", "").split()])

def work(task):
    done = task["resume"]["state"] if task["resume"] else []  # the last checkpoint, if an attempt was lost
    for word in task["mandate"].split()[len(done):task["max_ticks"]]:
        done.append(word.upper())  # the real work goes here, and nothing that was done is done again
        yield {"type": "tick", "notes": f"{len(done)} words shouted"}
        yield {"type": "checkpoint", "state": done}
    yield {"type": "result", "success": True, "deliverables": [" ".join(done)], "notes": "All is shouted."}

class Handler(BaseHTTPRequestHandler):
    def do_POST(self):
        body = self.rfile.read(int(self.headers.get("content-length", 0)))
        if not is_signed(self.headers, body): return self.send_error(401)
        self.send_response(200)
        self.send_header("content-type", "application/x-ndjson")
        self.end_headers()
        for event in work(json.loads(body)):
            self.wfile.write(json.dumps(event).encode() + b"\n")  # fails once the worker has gone: the work stops

server = ThreadingHTTPServer((os.environ.get("HOST", "127.0.0.1"), int(os.environ.get("PORT", "8080"))), Handler)
print("listening on port", server.server_port, flush=True)
server.serve_forever()
