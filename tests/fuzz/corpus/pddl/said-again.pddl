(define (domain again) (:requirements :strips) (:requirements :typing)
(:types u - t u - t t t m n - (either t w)) (:constants k - u)
(:predicates (p ?x - t) (P ?y - T))
(:action a :parameters (?x - m) :precondition (p ?x) :effect (and (not (p ?x)) (increase (total-cost) 3))))
