"""What the addresses of the site are asked about, where the address alone does not say it."""

from vng_alv.domain.submissions import SubmissionState

#: What staff fill in about the meeting.
BY_STAFF: dict[str, dict[str, str]] = {
    "console.prepare": {"proposal": "R2"}, "console.move": {"stap": "voorstel"},
    "console.prepare_on_advice": {"proposal": "R2"}, "console.choose_paper": {"wijze": "paper"},
    "running.tick": {"punt": "hall", "klaar": "1"}, "running.end_block": {"blok": "1", "versie": "1"},
    **{key: {"versie": "1"} for key in ("running.change", "running.remove", "running.make_block")},
    "attending.undo": {"stap": "00000000-0000-4000-8000-000000000000"},
}  # fmt: skip
#: What is asked for a member by the query.
BY_QUERY = {
    "motions.create",
    "voting.ballot", "following.advice", "consultation.react", "consultation.send", "secretariat.invite",
    "consultation.withdraw", "consultation.history", "consultation.attachments", "consultation.change_attachment",
    "amendments.create", "amendments.preview_new", "voting.secret_ballot",
}  # fmt: skip
#: The motion that stands in an address of one.
MOTIONS = {
    "motions.show": SubmissionState.SUBMITTED, "motions.edit": SubmissionState.DRAFT,
    "motions.discard": SubmissionState.DRAFT, "motions.submit": SubmissionState.DRAFT,
    "motions.change": SubmissionState.SUBMITTED, "motions.split": SubmissionState.SUBMITTED,
    "motions.follow_up": SubmissionState.ADOPTED,
}  # fmt: skip
#: Of which amendment each address is asked about.
AMENDMENTS = {
    **dict.fromkeys(("amendments.edit", "amendments.preview", "amendments.discard", "amendments.offer_late",
                     "amendments.submit", "submissions.ask_along"), "draft"),
    "console.lapse": "unfit",
    **dict.fromkeys(("amendments.change", "submissions.withdraw", "submissions.advise", "submissions.publish_advice",
                     "submissions.discard_advice",
                     "submissions.decide", "amendments.show"), "submitted"),
    "submissions.answer_along": "asked",
    "merging.adapt": "misfit",
}  # fmt: skip
