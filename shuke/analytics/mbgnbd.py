"""MBG/NBD: as BG/NBD, with one more chance to leave, right after the first purchase, so that one-time buyers may be gone.

Sources: E. Batislam, M. Denizel, A. Filiztekin, "Empirical Validation and Comparison of Models for Customer Base Analysis",
International Journal of Research in Marketing 24 (2007) 201-209; D. Hoppe, U. Wagner, "Customer Base Analysis: The Case for a
Central Variant of the Betageometric/NBD Model", Marketing JRM 3 (2007) 75-90. What each function promises is said at
`betageometric.BetaGeometric`; the page is `docs/methods/mbg-nbd.md`.
"""

from shuke.analytics.betageometric import BetaGeometric

MODEL = BetaGeometric(early=1)

log_likelihood = MODEL.log_likelihood
fit = MODEL.fit
p_alive = MODEL.p_alive
p_no_purchase = MODEL.p_no_purchase
purchase_moments = MODEL.purchase_moments
expected_purchases = MODEL.expected_purchases
expected_purchases_of_new = MODEL.expected_purchases_of_new
count_chances = MODEL.count_chances
discounted_purchases = MODEL.discounted_purchases
