"""A labelling vendor: hears of tasks by signed webhooks, answers over REST. Python's standard library only.

    YMIR_URL=http://127.0.0.1:12001 YMIR_TOKEN=ymir_v_... WEBHOOK_SECRET=whsec_... PORT=8099 python3 webhook_vendor.py
"""
import base64
import hashlib
import hmac
import json
import os
import threading
import time
import urllib.request
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

URL, TOKEN, SECRET = (os.environ[name] for name in ("YMIR_URL", "YMIR_TOKEN", "WEBHOOK_SECRET"))
POLL_SECONDS = 60  # what no webhook told of is found by asking
news = threading.Event()


def ask(path, body=None):
    headers = {"authorization": f"Bearer {TOKEN}", "content-type": "application/json"}
    request = urllib.request.Request(URL + path, json.dumps(body).encode() if body else None, headers)
    with urllib.request.urlopen(request, timeout=30) as answer:
        return answer.read()


def is_signed(headers, body):
    """Standard Webhooks 1.0: HMAC-SHA256 of `id.timestamp.body`, any of the signatures, at most five minutes old."""
    number, sent_at = headers["webhook-id"], headers["webhook-timestamp"]
    if not number or not sent_at or abs(time.time() - int(sent_at)) > 300:
        return False
    key = base64.b64decode(SECRET.removeprefix("whsec_"))
    digest = hmac.new(key, f"{number}.{sent_at}.".encode() + body, hashlib.sha256).digest()
    expected = "v1," + base64.b64encode(digest).decode()
    return any(hmac.compare_digest(expected, one) for one in headers["webhook-signature"].split())


class Door(BaseHTTPRequestHandler):
    def do_POST(self):
        body = self.rfile.read(int(self.headers["content-length"]))
        signed = is_signed(self.headers, body)
        self.send_response(204 if signed else 401)
        self.end_headers()
        if signed:
            print("told:", json.loads(body)["data"]["state"], flush=True)
            news.set()  # answer at once, work afterwards

    def log_message(self, *_):
        pass


def label(item):
    """Stands for people: takes what is drawn already, else what a model is sure of."""
    assert len(ask(item["imagePath"])) > 0  # the image's bytes
    sure = [one for one in item["predictions"] if one["score"] >= 0.5]
    boxes = [{"label": one["label"], "box": one["box"]} for one in sure]
    return {"itemId": item["id"], "revision": item["nextRevision"], "annotations": item["annotations"] or boxes}


def work():
    for task in json.loads(ask("/vendor/tasks"))["tasks"]:
        while True:
            items = json.loads(ask(f"/vendor/tasks/{task['id']}/items?first=100"))["items"]
            if not items:
                break
            results = {"results": [label(item) for item in items]}
            outcomes = json.loads(ask(f"/vendor/tasks/{task['id']}/results", results))["outcomes"]
            refused = [one for one in outcomes if one["outcome"] == "REFUSED"]
            print(f"{task['name']}: {len(outcomes) - len(refused)} recorded, refused: {refused}", flush=True)
            if refused:
                break


server = ThreadingHTTPServer(("127.0.0.1", int(os.environ.get("PORT", "8099"))), Door)
threading.Thread(target=server.serve_forever, daemon=True).start()
print(f"listening on {server.server_port}", flush=True)
while True:
    try:
        work()
    except OSError as problem:  # the platform is away, or refuses: ask again
        print("will ask again:", problem, flush=True)
    news.wait(POLL_SECONDS)
    news.clear()
