(define (domain d) (:functions (f)) (:predicates (p))
(:action a :precondition (and (p) (>= (f) 3)) :effect (p)))
