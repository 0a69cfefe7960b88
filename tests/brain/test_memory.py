"""What a brain keeps of conversations is bounded, in number and in bytes."""

from rasa.shared.core.trackers import DialogueStateTracker

from bot.brain.memory import Cache


def tracker(conversation: str) -> DialogueStateTracker:
    return DialogueStateTracker(conversation, [])


def test_conversations_that_take_much_room_make_room_for_the_latest() -> None:
    cache = Cache(most=10, most_bytes=1000)
    for name in ("a", "b", "c"):
        cache.put(name, 1, tracker(name), 400)

    assert cache.take("a", 1) is None
    assert cache.take("b", 1) is not None
    assert cache.take("c", 1) is not None


def test_room_that_was_given_back_is_used_again() -> None:
    cache = Cache(most=10, most_bytes=1000)
    for n in range(1, 50):
        cache.put("a", n, tracker("a"), 900)
        assert cache.take("a", n) is not None
    cache.put("a", 50, tracker("a"), 500)
    cache.put("a", 51, tracker("a"), 500)
    cache.put("b", 1, tracker("b"), 500)

    assert cache.take("a", 51) is not None
    assert cache.take("b", 1) is not None


def test_no_more_conversations_are_kept_than_were_asked_for() -> None:
    cache = Cache(most=2, most_bytes=1000)
    for name in ("a", "b", "c"):
        cache.put(name, 1, tracker(name), 1)

    assert [cache.take(name, 1) is not None for name in ("a", "b", "c")] == [False, True, True]


def test_a_tracker_of_another_event_is_not_taken_for_this_one() -> None:
    cache = Cache()
    cache.put("a", 1, tracker("a"), 1)

    assert cache.take("a", 2) is None
    assert cache.take("a", 1) is None
