"""Addresses of this room, below /assignment/."""

from django.urls import path

from shuke.assignment.views import handovers, pool, pool_policy, workload

app_name = "assignment"
urlpatterns = [
    path("handovers/", handovers.handover_list, name="handovers"),
    path("handovers/selected/", handovers.hand_over_selected, name="hand_over_selected"),
    path("handovers/from/<int:pk>/", handovers.hand_over, name="hand_over"),
    path("handovers/customer/<int:pk>/", handovers.hand_over_customer, name="hand_over_customer"),
    path("handovers/propose/", handovers.propose, name="propose"),
    path("handovers/<int:pk>/", handovers.handover, name="handover"),
    path("handovers/<int:pk>/progress/", handovers.progress, name="handover_progress"),
    path("handovers/<int:pk>/start/", handovers.start, name="start_handover"),
    path("handovers/<int:pk>/undo/", handovers.undo, name="undo_handover"),
    path("workload/", workload.workload, name="workload"),
    path("workload/<int:pk>/", workload.duty, name="duty"),
    path("workload/weights/", workload.weights, name="weights"),
    path("workload/rules/<int:pk>/", workload.rule, name="rule"),
    path("workload/balance/<int:pk>/", workload.balance, name="balance"),
    path("pool/", pool.pool, name="pool"),
    path("pool/<int:pk>/claim/", pool.claim, name="claim"),
    path("pool/<int:pk>/unclaim/", pool.unclaim, name="unclaim"),
    path("pool/<int:pk>/give/", pool.give, name="give"),
    path("standing/<int:pk>/", pool.standing, name="standing"),
    path("pool/lock/<int:pk>/", pool.lock, name="lock"),
    path("rules/pool/", pool_policy.policy, name="pool_policy"),
    path("rules/pool/try/", pool_policy.dry_run, name="dry_run"),
]
