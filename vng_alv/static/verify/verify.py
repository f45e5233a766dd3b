#!/usr/bin/env python3
"""Recount a vote from its bundle, without the site that made it: python3 verify.py BUNDLE.json [...] [--keys KEYS.json]

Only Python 3.8 or newer is needed. With the package `cryptography` the signature is checked too; without it this says
that it was not. What a bundle holds stands in docs/verify.md. Exit code 0: everything fits; 1: something does not;
2: it is no bundle.
"""

# fmt: off
import argparse
import base64
import hashlib
import json
import sys
from fractions import Fraction

try:
    from cryptography.exceptions import InvalidSignature
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
except ImportError:
    Ed25519PublicKey = None

FORMAT = "alv-bundle-1"
FILE = {"about", "bundle", "algorithm", "key", "signature", "keys"}
BUNDLE = {
    "format", "example", "association", "meeting", "round", "weights", "roll", "ballots", "ballots-sha256", "present",
    "sums", "advisory", "cast", "counted", "divided", "shares", "calculation", "verdict", "chosen", "lots", "invalid",
    "withheld", "noted-against", "log",
}
BALLOT = {"member", "choice", "cast-with", "through", "receipt", "sealed-sha256"}
PLAIN = ["for", "against", "abstain"]

def canonical(data):
    """The one spelling that is hashed and signed."""
    return json.dumps(data, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode("utf-8")

def sha(data):
    return hashlib.sha256(canonical(data)).hexdigest()

def unb64(text):
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))

def once(pairs):
    """JSON lets a key stand twice; then two readers could see two things."""
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a key stands twice")
    return found

def no_number(text):
    raise ValueError("not a whole number: " + text)

class Check:
    """What was looked at in one bundle: lines of (fits, what)."""

    def __init__(self, file, trusted=None):
        self.lines, self.notes = [], []
        self.file, self.trusted = file, trusted
        self.bundle = file["bundle"]

    def that(self, fits, what):
        self.lines.append((bool(fits), what))
        return bool(fits)

    @property
    def faults(self):
        return [what for fits, what in self.lines if not fits]

    def run(self):
        """Look at everything; what cannot even be read is a fault too."""
        for part in (self.shape, self.signature, self.round, self.roll, self.ballots, self.log, self.outcome):
            try:
                part()
            except (KeyError, TypeError, ValueError, IndexError, AttributeError, ZeroDivisionError) as error:
                self.that(False, f"{part.__name__} cannot be read: {type(error).__name__} {error}")
        return self

    def shape(self):
        self.that((set(self.file), set(self.bundle)) == (FILE, BUNDLE), "the bundle has its parts, and no others")
        self.that(self.bundle["format"] == FORMAT, "its format is " + FORMAT)
        self.that(self.file["algorithm"] == "Ed25519", "it is signed with Ed25519")

    def signature(self):
        named = {key["kid"]: key for key in self.file["keys"]["keys"]}
        if self.trusted is not None:
            trusted = {key["kid"]: key for key in self.trusted["keys"]}
            self.that(self.file["key"] in trusted, f"the key {self.file['key']} is one that you trust")
            named = trusted
        else:
            self.notes.append(f"The key {self.file['key']} comes from the bundle itself; give --keys to compare it.")
        public = unb64(named[self.file["key"]]["x"])
        self.that(hashlib.sha256(public).hexdigest()[:16] == self.file["key"], "the number of the key is its hash")
        if Ed25519PublicKey is None:
            self.notes.append("The signature was NOT checked: the package cryptography is not here.")
            return
        try:
            Ed25519PublicKey.from_public_bytes(public).verify(unb64(self.file["signature"]), canonical(self.bundle))
            right = len(self.file["signature"]) == 86 and self.file["signature"][-1] in "AQgw"  # the one spelling
        except InvalidSignature:
            right = False
        self.that(right, "the signature of the association is right")

    def round(self):
        one = self.bundle["round"]
        self.that(sha(one["rule"]) == one["rule-sha256"], "the hash of the rule is right")
        self.that(one["way"] in ("ballots", "acclamation"), "its way is by ballots or by acclamation")
        if one["way"] == "ballots":
            self.that(one["opened-at"] <= one["closed-at"] <= one["published-at"], "its moments follow each other")
        self.plain = "winning" not in one["rule"]
        keys = [option["key"] for option in one["options"]]
        self.keys = PLAIN if self.plain else keys + (["none"] if one["rule"]["none"] else []) + ["abstain"]

    def roll(self):
        roll, rule = self.bundle["roll"], self.bundle["weights"]
        self.of = {entry["code"]: entry for entry in roll}
        self.that(len(self.of) == len(roll), "each member is on the roll once")
        for entry in roll:
            self.that(entry["weight"] >= 0, f"the votes of {entry['code']} are a whole number")
            if rule is not None and rule["kind"] != "fixed":
                wanted = weigh(entry["inhabitants"], rule)
                self.that(entry["weight"] == wanted, f"{entry['code']} has {wanted} votes by its inhabitants")
        if rule is None or rule["kind"] == "fixed":
            self.notes.append("Weights do not follow from inhabitants here; they are those of the log.")
        deciding = [entry["weight"] for entry in roll if not entry["advisory"]]
        self.electorate = sum(deciding), len(deciding)

    def ballots(self):
        one, found = self.bundle["round"], self.bundle["ballots"]
        own = hashlib.sha256(b"".join(canonical(ballot) + b"\n" for ballot in found)).hexdigest()
        self.that(own == self.bundle["ballots-sha256"], "the hash of the ballots is right")
        order = [ballot["member"] for ballot in found]
        self.that(order == sorted(set(order)), "one ballot a member, in the order of their codes")
        self.sums = {advisory: {key: [0, 0] for key in self.keys} for advisory in (False, True)}
        self.took, self.divided = {False: [0, 0], True: [0, 0]}, 0
        for ballot in found:
            code = ballot["member"]
            self.that(set(ballot) == BALLOT, f"the ballot of {code} has its parts")
            if not self.that(code in self.of, f"{code} is on the roll"):
                continue
            entry, kind = self.of[code], self.of[code]["advisory"]
            self.took[kind][0] += entry["weight"]
            self.took[kind][1] += 1
            self.that((ballot["cast-with"] == "proxy") == (ballot["through"] is not None), f"how {code} cast is said")
            sealed = ballot["choice"] == "secret"
            self.that(sealed == one["secret"] == (ballot["sealed-sha256"] is not None), f"{code} is sealed or open")
            if sealed:
                continue
            parts = read(ballot["choice"])
            names = [key for key, _votes in parts]
            shared = any(votes is not None for _key, votes in parts)
            right = len(set(names)) == len(names) and set(names) <= set(self.keys)
            right = right and (("abstain" not in names and "none" not in names) or len(names) == 1 or shared)
            total = sum(votes or 0 for _key, votes in parts)
            right = right and (one["divides"] and total == entry["weight"] if shared else len(names) <= one["picks"])
            if not self.that(right, f"{code} chose what can be chosen: {ballot['choice']}"):
                continue
            for key, votes in parts:
                self.sums[kind][key][0] += entry["weight"] if votes is None else votes
                self.sums[kind][key][1] += 0 if shared and self.plain else 1
            if shared and self.plain and not kind:
                self.divided += 1

    def log(self):
        acts, numbers = {}, []
        for seal in self.bundle["log"]:
            entry = seal["entry"]
            own = sha({"previous": seal["previous"], "number": seal["number"], "entry": entry})
            self.that(own == seal["hash"], f"seal {seal['number']} of the log is right")
            acts.setdefault(entry["act"], []).append(entry)
            numbers.append(seal["number"])
        self.that(numbers == sorted(set(numbers)), "the seals of the log are in order")
        self.that(len({entry["subject"] for found in acts.values() for entry in found}) == 1, "they are of one round")
        one = self.bundle["round"]
        self.that(all(len(acts[act]) == 1 for act in ("round.open", "round.publish")), "it opened and was told once")
        opened, told = acts["round.open"][0]["data"], acts["round.publish"][0]["data"]
        self.that(opened["rule"] == one["rule"], "the rule is that of the opening")
        self.that(opened["text"] == one["text-sha256"], "the text is that of the opening")
        roll = [[e["code"], e["inhabitants"], e["weight"], e["advisory"]] for e in self.bundle["roll"]]
        self.that(sha({"roll": roll}) == opened["roll"], "the roll is that of the opening")
        self.that(opened.get("weights") == self.bundle["weights"], "the rule of weight is that of the opening")
        self.that(told["verdict"] == self.bundle["verdict"], "the verdict is the one that was pronounced")
        if one["way"] == "acclamation":
            self.that(sorted(told["noted"]) == self.bundle["noted-against"], "who is against is as pronounced")
            return
        if self.plain:
            for at, measure in enumerate(("weight", "members")):
                said = [self.bundle["sums"][key][("votes", "members")[at]] for key in PLAIN]
                self.that(told[measure] == said, f"the sums by {measure} are those that were pronounced")
            self.that(told.get("divided", 0) == self.bundle["divided"], "who divided votes is as pronounced")
        elif not self.bundle["withheld"]:
            for key, got in self.bundle["sums"].items():
                self.that(told["options"]["weight"][key] == got["votes"], f"the votes of {key} are as pronounced")
        if "ballots" in told:
            self.that(told["ballots"] == self.bundle["ballots-sha256"], "the ballots are those that were pronounced")

    def outcome(self):
        one, told = self.bundle["round"], self.bundle
        if one["way"] == "acclamation":
            empty = not told["ballots"] and not told["sums"] and not told["calculation"] and told["cast"] is None
            self.that(empty, "by acclamation nothing is counted")
            self.that(told["verdict"] == "adopted", "what nobody objects to is adopted")
            self.that(set(told["noted-against"]) <= set(self.of), "who is against is on the roll")
            return
        self.that(not told["noted-against"], "nobody is noted to be against where votes are counted")
        took, cast = self.took[False], dict(zip(("votes", "members"), self.took[False]))
        self.that(told["cast"] == cast, f"who took part: {took[0]} votes of {took[1]} members")
        if one["secret"]:
            sums = self.sealed(cast)
            if sums is None:
                return
            took = [told["counted"]["votes"], told["counted"]["members"]]
        else:
            sums = self.opened()
        present = [0, 0]
        if told["present"]:
            present = [told["present"]["votes"], told["present"]["members"]]
            within = all(a <= b <= c for a, b, c in zip(took, present, self.electorate))
            self.that(within, "who voted was present, and who was present is on the roll")
        decide = plain if self.plain else options
        verdict, shares, steps, chosen, even, left = decide(one["rule"], sums, took, self.electorate, present)
        self.that(told["verdict"] == verdict, f"the verdict is {verdict}")
        self.that(told["shares"] == shares, f"the shares are {shares}")
        names = ("part", "whole", "left", "right", "reached")
        self.that([[step[name] for name in names] for step in told["calculation"]] == steps, f"the sums are {steps}")
        lots = told["lots"]
        if lots is not None:
            fits = verdict == "lots" and set(lots) <= set(even) and len(set(lots)) == len(lots) == left
            self.that(fits, "lots were drawn between who had as many votes")
            chosen = chosen + [key for key in even if key in lots]
        self.that(told["chosen"] == chosen, "chosen: " + (", ".join(chosen) or "nobody"))

    def opened(self):
        """The sums of open ballots, compared with those that are told."""
        told = self.bundle
        self.that(told["invalid"] == 0 and not told["withheld"], "open ballots can all be read")
        self.that(told["counted"] == told["cast"], "all that was cast is counted")
        for name, advisory in (("sums", False), ("advisory", True)):
            sums = self.sums[advisory] if not advisory or self.took[True][0] else {}
            want = {key: {"votes": votes, "members": members} for key, (votes, members) in sums.items()}
            self.that(told[name] == want, f"{name}: {want}")
        self.that(told["divided"] == self.divided, f"{self.divided} members divided their votes")
        return self.sums[False]

    def sealed(self, cast):
        """The sums of a secret round, as they are told; None where they are withheld."""
        told = self.bundle
        self.notes.append("The ballots are secret: that they were opened right cannot be seen here, only what follows.")
        if told["withheld"]:
            self.that(not told["sums"] and not told["shares"] and told["counted"] is None, "numbers are left out")
            return None
        self.that(set(told["sums"]) == set(self.keys), "there are sums for each answer, and no others")
        counted = told["counted"]
        self.that(counted["votes"] <= cast["votes"], "no more votes are counted than were cast")
        # Of advisory ballots that could not be read it is not said that they are advisory.
        lost = cast["members"] - counted["members"]
        self.that(0 <= lost <= told["invalid"], "each ballot was counted or could not be read")
        if self.bundle["round"]["picks"] == 1:
            votes = sum(got["votes"] for got in told["sums"].values())
            self.that(votes == counted["votes"], "the sums are of all votes that were counted")
        return {key: [got["votes"], got["members"]] for key, got in told["sums"].items()}

def weigh(people, rule):
    """Votes by inhabitants: one for every so many, or by a table."""
    if rule["kind"] == "bands":
        return [votes for lower, votes in rule["bands"] if lower <= people][-1]
    exact, half = Fraction(people, rule["divisor"]), Fraction(1, 2)
    votes = {"down": exact // 1, "up": -(-exact // 1), "half_up": (exact + half) // 1}[rule["rounding"]]
    votes = max(votes, rule["floor"])
    return votes if rule["cap"] is None else min(votes, rule["cap"])

def read(choice):
    """'for', '1+3' or 'for:40+against:35' as pairs of a key and its votes (None: all)."""
    parts = [part.split(":") for part in choice.split("+")]
    return [(part[0], int(part[1]) if len(part) > 1 else None) for part in parts]

def enough(part, whole, need):
    """Whether a part of a whole is what is needed; nothing of nothing never is."""
    if whole == 0:
        return False
    left, right = Fraction(part, whole), Fraction(need["numerator"], need["denominator"])
    return left > right if need["comparison"] == "more_than" else left >= right

def percent(part, whole):
    """With two decimals, half up; nothing of nothing is no share."""
    if whole == 0:
        return None
    hundredths = int(Fraction(part * 10000, whole) + Fraction(1, 2))
    return f"{hundredths // 100}.{hundredths % 100:02d}"

def step(part, whole, need):
    """One sum as it is told: the part, the whole, both sides of the comparison, and whether it is reached."""
    return [part, whole, part * need["denominator"], whole * need["numerator"], enough(part, whole, need)]

def quorum_of(rule, took, electorate, present):
    """The step of the quorum, in a list; empty where the rule has none."""
    if "quorum" not in rule:
        return []
    need = rule["quorum"]
    at = 0 if need["measure"] == "weight" else 1
    part = (took if need["taking"] == "voted" else present)[at]
    return [step(part, (electorate if need["base"] == "electorate" else present)[at], need)]

def plain(rule, sums, took, electorate, present):
    """(verdict, shares, steps, chosen, even, left) of a question with for and against."""
    needs = [rule] + ([rule["second"]] if "second" in rule else [])
    by_weight = [need for need in needs if need.get("measure", "weight") == "weight"]
    steps, shares = [], dict.fromkeys(PLAIN)
    for need in needs:
        at = 0 if need in by_weight else 1
        whole = {
            "for_against": sums["for"][at] + sums["against"][at],
            "valid": sum(sums[key][at] for key in PLAIN),
            "present": present[at],
            "electorate": electorate[at],
        }[need["base"]]
        steps.append(step(sums["for"][at], whole, need))
        if by_weight and need is by_weight[0]:
            outside = ["abstain"] if any(other["base"] == "for_against" for other in by_weight) else []
            shares = {key: None if key in outside else percent(sums[key][0], whole) for key in PLAIN}
    quorum = quorum_of(rule, took, electorate, present)
    at = 0 if rule.get("measure", "weight") == "weight" else 1
    if quorum and not quorum[0][4]:
        verdict = "no_quorum"
    elif any(whole == 0 for _part, whole, _left, _right, _reached in steps):
        verdict = "no_verdict"
    elif all(one[4] for one in steps):
        verdict = "adopted"
    else:
        verdict = "tied" if rule.get("tie") == "tied" and sums["for"][at] == sums["against"][at] else "rejected"
    return verdict, shares, quorum + steps, [], [], 0

def options(rule, sums, took, electorate, present):
    """The same of a question with options: who has the most votes, or more than half of them."""
    base = took[0] - sums["abstain"][0]
    shares = {key: None if key == "abstain" else percent(got[0], base) for key, got in sums.items()}
    quorum = quorum_of(rule, took, electorate, present)
    got = {key: votes for key, (votes, _members) in sums.items() if key != "abstain"}
    if quorum and not quorum[0][4]:
        verdict, chosen, even, left = "no_quorum", [], [], 0
    elif base == 0:
        verdict, chosen, even, left = "no_verdict", [], [], 0
    else:
        verdict, chosen, even, left = elect(rule, got, Fraction(base, 2))
    return verdict, shares, [], chosen, even, left

def elect(rule, got, half):
    """(verdict, chosen, even, seats that are left) by the votes that each option got."""
    people = sorted((key for key in got if key != "none"), key=lambda key: -got[key])
    seats, none = rule["seats"], got.get("none", 0)
    by_lot = "lots" if rule["even"] == "lots" else "tied"
    able = [key for key in people if got[key] > (none if rule["winning"] == "most" else half)]
    if rule["winning"] == "majority":
        if none > half:
            return "rejected", [], [], 0
        others = [key for key in got if key not in able]
        if len(able) < seats and not (seats == 1 and len(others) == 2):
            return "run_off", able, [], 0
        if len(able) < seats:
            return ("rejected", [], [], 0) if "none" in others else (by_lot, [], others, 1)
    if not able:
        return "rejected", [], [], 0
    if len(able) <= seats:
        return "chosen", able, [], 0
    border = got[able[seats - 1]]
    sure, even = [key for key in able if got[key] > border], [key for key in able if got[key] == border]
    if len(sure) + len(even) == seats:
        return "chosen", sure + even, [], 0
    return by_lot, sure, even, seats - len(sure)

def load(path):
    with open(path, encoding="utf-8") as file:
        return json.load(file, object_pairs_hook=once, parse_float=no_number, parse_constant=no_number)

def main():
    parser = argparse.ArgumentParser(description="Recount a vote from its bundle.")
    parser.add_argument("bundle", nargs="+")
    parser.add_argument("--keys", help="the keys that you trust, as /.well-known/alv-signing-keys.json gives them")
    parser.add_argument("--all", action="store_true", help="tell everything that was looked at")
    given = parser.parse_args()
    trusted, worst = load(given.keys) if given.keys else None, 0
    for path in given.bundle:
        try:
            check = Check(load(path), trusted).run()
        except (ValueError, KeyError, TypeError, OSError) as error:
            print(f"{path}: no bundle: {error}")
            worst = 2
            continue
        for fits, what in check.lines:
            if given.all or not fits:
                print(f"{path}: {'right' if fits else 'WRONG'}: {what}")
        for note in check.notes:
            print(f"{path}: note: {note}")
        worst = max(worst, 1 if check.faults else 0)
        fits = f"{len(check.faults)} OF {len(check.lines)} CHECKS DO NOT FIT" if check.faults else (
            f"all {len(check.lines)} checks fit: {check.bundle['round']['title']}: {check.bundle['verdict']}")
        print(f"{path}: {fits}")
    sys.exit(worst)

if __name__ == "__main__":
    main()
