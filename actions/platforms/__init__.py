"""The shops that actions can ask: one file per platform, all of them behind `base.Platform`."""
