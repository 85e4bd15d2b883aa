(define (problem blocks-4-collect-31-2)
(:domain blocksworld-4ops)
(:objects a b c d)
(:init
(handempty)
(on a c)
(on b a)
(ontable c)
(ontable d)
(clear b)
(clear d)
)
(:goal
(and
(on c d)
)))
