(define (domain d) (:types t u - v) (:constants c - u)
(:predicates (p ?a - t ?b ?c ?d) (q) (open ?x))
(:action open :parameters (?x - (either t u) ?y ?z ?w) :precondition (and (not (open ?x)) (= ?x ?y) (not (= ?z c))) :effect (and (p ?x ?y ?z c) (not (q))))
(:action noop :parameters ()))
