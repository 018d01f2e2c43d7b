"""native.py CONTRIB SOCKET KEY"""
import json
import sys

sys.path.insert(0, sys.argv[1])
sys.dont_write_bytecode = True
from hamlet import Hamlet

hamlet, ids = Hamlet(sys.argv[2], sys.argv[3]), {}
for line in sys.stdin:
    call = json.loads(line)
    content = call["comment"]["content"]
    if call["call"] == "check":
        verdict = hamlet.check(call["comment"])
        ids[content] = verdict["id"]
        print(verdict["verdict"], flush=True)
    else:
        print("thanked" if hamlet.feedback(ids[content], call["call"])["changed"] else "nothing new", flush=True)
