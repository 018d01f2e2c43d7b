"""akismet-api 6 from npm, unmodified.  It is installed into $HAMLET_NPM once, or else into a temporary folder."""
import json
import os
import shutil
import subprocess

import pytest

from harness import DEADLINE, HAM, SPAM
from names import with_names

PACKAGE = "akismet-api@6"
SCRIPT = r"""
const { AkismetClient } = require('akismet-api')
const [host, key, spamText, hamText] = process.argv.slice(1)
const client = key => new AkismetClient({ key, blog: 'http://blog.example.com/', host, protocol: 'http' })
const comment = (content, more) => ({ ip: '203.0.113.7', useragent: 'Mozilla/5.0 Example', content, ...more })
const spam = comment(spamText, JSON.parse(process.env.SPAM_AUTHOR))
const ham = comment(hamText, { name: 'Anna', permalink: 'http://blog.example.com/post', date: '2026-11-22T19:04:02Z', type: 'comment' })
async function main () {
  const out = {}
  out.wrong = await client('ffffffffffff').verifyKey()
  const akismet = client(key)
  out.key = await akismet.verifyKey()
  out.spam = await akismet.checkSpam(spam)
  out.ham = await akismet.checkSpam(ham)
  out.honeypot = typeof await akismet.checkSpam({ ...ham, honeypot: 'I am a robot' })
  await akismet.submitSpam(ham)
  await akismet.submitHam(ham)
  out.submitted = true
  console.log(JSON.stringify(out))
}
main().catch(error => { console.error(error); process.exit(1) })
"""


@pytest.fixture(scope="session")
def modules(tmp_path_factory):
    """A folder with the package in node_modules."""
    npm = shutil.which("npm")
    if not shutil.which("node") or not npm:
        pytest.skip("node or npm isn't installed")
    folder = os.environ.get("HAMLET_NPM") or str(tmp_path_factory.mktemp("npm"))
    if not os.path.isdir(os.path.join(folder, "node_modules", "akismet-api")):
        os.makedirs(folder, exist_ok=True)
        try:
            done = subprocess.run([npm, "install", "--prefix", folder, "--ignore-scripts", "--no-audit", "--no-fund", "--no-save", PACKAGE],
                                  stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=120)
        except subprocess.TimeoutExpired:
            pytest.skip("npm can't fetch akismet-api: it takes too long")
        if done.returncode != 0:
            pytest.skip("npm can't fetch akismet-api: " + done.stdout[-300:])
    return folder


def test_akismet_api(daemon, modules):
    key = daemon.add_site("blog")
    author = json.dumps({"name": SPAM["author"], "email": SPAM["email"], "url": SPAM["url"]})
    command = ["env", f"NODE_PATH={modules}/node_modules", f"SPAM_AUTHOR={author}", "node", "-e", SCRIPT, "--", f"akismet.test:{daemon.port}", key,
               SPAM["content"], HAM["content"]]
    done = with_names(["akismet.test", f"{key}.akismet.test"], command, DEADLINE)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) == {"wrong": False, "key": True, "spam": True, "ham": False, "honeypot": "boolean", "submitted": True}
    assert daemon.count() == 3
