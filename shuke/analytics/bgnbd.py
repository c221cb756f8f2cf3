"""BG/NBD: how often a customer buys, and whether they still do; a chance to leave after each repeat purchase.

Source: P. Fader, B. Hardie, K. Lee, "Counting Your Customers the Easy Way", Marketing Science 24 (2005) 275-284. What each
function promises is said at `betageometric.BetaGeometric`; the page is `docs/methods/bg-nbd.md`.
"""

from shuke.analytics.betageometric import BetaGeometric, BgNbdParameters
from shuke.analytics.nbd import Fit, cells_of

__all__ = ["BgNbdFit", "BgNbdParameters", "cells_of"]
BgNbdFit = Fit[BgNbdParameters]
MODEL = BetaGeometric(early=0)

log_likelihood = MODEL.log_likelihood
fit = MODEL.fit
p_alive = MODEL.p_alive
p_no_purchase = MODEL.p_no_purchase
purchase_moments = MODEL.purchase_moments
expected_purchases = MODEL.expected_purchases
expected_purchases_of_new = MODEL.expected_purchases_of_new
count_chances = MODEL.count_chances
discounted_purchases = MODEL.discounted_purchases
