"""A client of Hamlet for blog software in Python: the standard library is all it needs."""
import http.client
import json
import socket


class HamletError(Exception):
    """Hamlet can't be reached, or refused; hold the comment for a moderator and ask again later."""


class _Connection(http.client.HTTPConnection):
    def __init__(self, path, timeout):
        super().__init__("localhost", timeout=timeout)
        self.path = path

    def connect(self):
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.sock.settimeout(self.timeout)
        self.sock.connect(self.path)


class Hamlet:
    def __init__(self, path="/var/lib/hamlet/hamlet.sock", key=None, timeout=5.0):
        """KEY: the blog's key; without one comments belong to the site "default"."""
        self.path, self.key, self.timeout = path, key, timeout

    def check(self, comment):
        """Judge a comment: a dict with content and what else is known (author, email, url, ip, user_agent, permalink...).
        Returns a dict with id (keep it with the comment), verdict ("ham", "unsure" or "spam"), probability and evidence."""
        return self._post("/v1/check", comment)

    def feedback(self, verdict_id, label):
        """Say what the comment was: "spam" or "ham"."""
        return self._post("/v1/feedback", {"id": verdict_id, "label": label})

    def _post(self, path, value):
        headers = {"Content-Type": "application/json"}
        if self.key:
            headers["Authorization"] = "Bearer " + self.key
        connection = _Connection(self.path, self.timeout)
        try:
            connection.request("POST", path, json.dumps(value).encode(), headers)
            response = connection.getresponse()
            answer = json.loads(response.read())
        except (OSError, http.client.HTTPException, ValueError) as e:
            raise HamletError(str(e)) from e
        finally:
            connection.close()
        if response.status != 200:
            raise HamletError(answer["error"]["message"])
        return answer
