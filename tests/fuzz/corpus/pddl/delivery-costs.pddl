(define (problem p) (:domain delivery) (:objects t - truck p - package a - place)
(:init (at t depot) (= (total-cost) 0) (= (length depot a) 3)) (:goal (at t a)) (:metric minimize (total-cost)))
